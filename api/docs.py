"""The OpenAPI document: what it says of every operation alike, how it is put together, where it is served.

An endpoint says what is its own: what it does, takes and gives. That any of them may answer 401, that problems are
`application/problem+json`, and that a POST takes an `Idempotency-Key`, is said here once for all.
"""

import json
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from api.examples import example_of
from api.problems import MEANS, MEDIA_TYPE

Operation = dict[str, Any]

METHODS = frozenset({"get", "put", "post", "delete", "patch"})
PREFIX = "/v1/"
URL = "/v1/openapi.json"
PACKAGES = ("api__", "bot__")  # how a schema's name begins when FastAPI had to spell out its module
REF = "#/components/schemas/"
UNSAID = "Successful Response"  # what FastAPI says where nobody said anything
PROBLEM = {"$ref": f"{REF}Problem"}
CODES: Mapping[int, str] = {
    401: "token_missing",
    403: "scope",
    404: "not_found",
    409: "conflict",
    412: "stale_version",
    413: "content_too_large",
    422: "invalid",
    429: "rate_limited",
    503: "no_capacity",
}
TAGS: Mapping[str, str] = {
    "interviews": "Create interviews, send their bot, call them off, read what was said.",
    "live": "Follow an interview while it happens.",
    "interviewers": "Who holds an interview.",
    "copilot": "What the interviewer alone sees and asks.",
    "plans": "What is asked, in which order and by which rules.",
    "jobs": "What people are interviewed for.",
    "candidates": "Who is interviewed.",
    "agents": "How the interviewer speaks and behaves.",
    "templates": "Interviews to be made again and again.",
    "postings": "Interviews that people join by themselves.",
    "webhooks": "Be told when something happens.",
    "keys": "API keys and tickets.",
    "consents": "What people in a call agreed to.",
    "participants": "Who was given a link to an interview.",
    "tasks": "What a call left for people to do.",
    "usage": "What was used.",
    "server": "The server itself.",
    "Lira": "Lira's interviews API, answered by the same interviews.",
    "JobMojito": "JobMojito's edge functions, answered by the same postings and interviews.",
    "InstaView": "InstaView's interviews API, answered by the same interviews.",
    "Maya": "Maya's interviews API, answered by the same interviews.",
}
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Any text of your own, such as a UUID. The same request with the same key within 24 hours is answered again, "
        "with `Idempotent-Replayed: true`, and not done again."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "example": "5f0c9f6e-6d0a-4c36-9f0a-2b8a8f3d7c11",
}
ABOUT = """Interviews held by voice: create them, send a bot, follow them live, read what was said.

Every request carries `Authorization: Bearer …`. What goes wrong is answered as a problem (RFC 9457) whose `code` is
stable. Lists are pages: `{data, meta}`. Times are RFC 3339 in UTC.
"""


def install(app: FastAPI) -> None:
    """Have `app` describe itself by `document`, made when it is first asked for, and serve that at `URL`."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to have it replaced

    @app.get(URL, include_in_schema=False)
    def openapi_document() -> JSONResponse:
        return JSONResponse(openapi())  # in a thread: making it takes long enough to be heard in a call


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `app`."""
    made = _plainly_named(get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes))
    for path, operation, method in _operations(made):
        _introduce(operation)
        _exemplify(operation)
        if method == "post":
            _repeat(operation)
        if path.startswith(PREFIX):
            _complete(operation, method)
    used = {tag for _, operation, _ in _operations(made) for tag in operation.get("tags", ())}
    made["tags"] = [{"name": tag, "description": text} for tag, text in TAGS.items() if tag in used]
    schemas = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, schema in schemas.items():
        if "examples" not in schema and (example := example_of(name)) is not None:
            schema["examples"] = [example]
    return made


def _plainly_named(made: dict[str, Any]) -> dict[str, Any]:
    """Where two modules have a schema of one name, tell them apart by their packages, not by Python's paths."""
    text = json.dumps(made)
    for name in made["components"]["schemas"]:
        if name.startswith(PACKAGES) and len(steps := name.split("__")) > 2:
            text = text.replace(f'{REF}{name}"', f'{REF}{(plain := steps[1].title() + steps[-1])}"')
            text = text.replace(f'"{name}": {{', f'"{plain}": {{')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _operations(made: Mapping[str, Any]) -> Iterator[tuple[str, Operation, str]]:
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                yield path, operation, method


def _complete(operation: Operation, method: str) -> None:
    answers: dict[str, Any] = operation["responses"]
    answers.get("422", {}).get("content", {}).pop("application/json", None)  # FastAPI's own shape, which is not ours
    statuses = {int(status) for status in answers if status.isdecimal() and int(status) >= 400}
    statuses.add(422)  # any request may hold what can't be used, if only in its path
    if operation.get("security"):
        statuses |= {401, 403, 429} & MEANS.keys()
    if "requestBody" in operation:
        statuses.add(413)
    if method == "post":
        statuses |= {409, 413}
    for problem in statuses:
        answer = answers.setdefault(str(problem), {"description": MEANS.get(problem, HTTPStatus(problem).phrase)})
        if _is_problem(answer):
            answer["content"] = {MEDIA_TYPE: {"schema": PROBLEM, "example": _example(problem)}}
    operation["responses"] = dict(sorted(answers.items()))


def _repeat(operation: Operation) -> None:
    """Say that a request can be repeated."""
    operation.setdefault("parameters", []).append(KEY_PARAMETER)
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            answer.setdefault("headers", {})["Idempotent-Replayed"] = {
                "description": "`true` when this answers an `Idempotency-Key` for the second time",
                "schema": {"type": "string", "enum": ["true"]},
            }


def _exemplify(operation: Operation) -> None:
    """Give a body an example where its schema can't: a merge patch of what a POST takes, one that may be left out."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        schema = media["schema"]
        referred = [choice["$ref"].removeprefix(REF) for choice in schema.get("anyOf", ()) if "$ref" in choice]
        patched = f"Create{operation['operationId'].partition('_')[2].title()}Patch"
        example = example_of(referred[0] if referred else patched)
        if "$ref" not in schema and example is not None and not media.keys() & {"example", "examples"}:
            media["example"] = example


def _introduce(operation: Operation) -> None:
    """Where nobody wrote a summary, use the first sentence of the description in place of the function's name.

    The same for what its answers mean.
    """
    for status, answer in operation["responses"].items():
        if answer["description"] == UNSAID:
            answer["description"] = HTTPStatus(int(status)).phrase
    made_up = operation["summary"] == operation["summary"].title()
    if made_up and (description := operation.get("description")):
        operation["summary"] = " ".join(re.split(r"[.;]\s|\.$", description, maxsplit=1)[0].split())


def _is_problem(answer: Mapping[str, Any]) -> bool:
    """Whether nothing else is said about the body."""
    return all(content in ({}, {"schema": PROBLEM}) for content in answer.get("content", {}).values())


def _example(status: int) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": MEANS.get(status, HTTPStatus(status).phrase) + ".",
        "code": CODES.get(status, "error"),
        "request_id": "req_7d0c2a1be4f39a55",
    }
