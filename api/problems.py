"""Problem details for HTTP (RFC 9457): the one place that knows which error is which status."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from api import errors

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[errors.ControlPlaneError], int] = {
    errors.Unauthorised: 401,
    errors.Forbidden: 403,
    errors.IssuerUnavailable: 503,
    errors.RateLimited: 429,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.Taken: 409,
    errors.InUse: 409,
    errors.Invalid: 422,
    errors.ScheduleTooFar: 400,
    errors.TooLarge: 413,
    errors.StillRunning: 409,
    errors.SecretShownOnce: 409,
    errors.NoCapacity: 503,
    errors.LaunchFailed: 503,
    errors.ModelFailed: 503,
    errors.RecordingElsewhere: 503,
    errors.VoiceUnavailable: 503,
}
RETRY_AFTER_S = 10
DIALECT = "vivavoce.dialect"  # in the ASGI scope: how the API that is spoken says that something went wrong
# What every answer carries unless it sets its own.
SECURITY: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    # Nothing of the API is a page; the pages say for themselves what they may load.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
}
MEANS = {
    400: "The body can't be taken apart, or the start is further ahead than can be planned",
    401: "No token, or one that is forged, expired or made for something else",
    403: "The token lacks the scope this needs",
    404: "No such thing for this tenant",
    409: "Its state does not allow this; current_status says where it stands",
    412: "It changed since it was read; `If-Match` names another version",
    413: "The body is too large",
    422: "Something in the request can't be used; errors says where, what and what to do",
    429: "Too many requests, or too many failed logins; Retry-After says when to come back",
    503: "Not possible at this moment; code says why",
}
# What to do about the complaints pydantic makes, by its error types.
REMEDIES = {
    "missing": "send this field",
    "extra_forbidden": "remove this field; it is not one of ours",
    "json_invalid": "send well-formed JSON",
    "string_type": "send a string",
    "int_type": "send a whole number",
    "float_type": "send a number",
    "list_type": "send an array",
    "tuple_type": "send an array",
    "dict_type": "send an object",
    "model_type": "send an object",
    "model_attributes_type": "send an object",
    "bool_type": "send true or false",
    "enum": "use one of the values listed",
    "literal_error": "use one of the values listed",
    "timezone_aware": "add an offset: 2026-11-22T04:40:53Z",
}
NOT_JSON = "send it as JSON, with Content-Type: application/json"  # a body of another type stays bytes


def is_api(scope: Scope) -> bool:
    """Tell whether a request is one to the API, in whatever dialect, and not to a page or a room."""
    return scope["type"] == "http" and (DIALECT in scope or scope["path"].startswith("/v1/"))


class FieldProblem(BaseModel):
    """One thing wrong with a request."""

    loc: list[str | int]
    what: str
    todo: str


class Problem(BaseModel):
    """What went wrong, for people and for machines (RFC 9457). code is stable; detail is not.

    limit: how often it may be done, where that was too often.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldProblem] = []
    current_status: str | None = None
    required_permission: str | None = None
    existing_id: str | None = None
    retry_after_s: int | None = None
    available_from_status: str | None = None
    limit: int | None = None


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries for the problems an endpoint may answer with; whoever must log in can be too fast."""
    all_ = {*statuses, 429} if 401 in statuses else set(statuses)
    return {
        status: {"model": Problem, "description": MEANS[status], "content": {MEDIA_TYPE: {}}} for status in sorted(all_)
    }


def install(app: FastAPI) -> None:
    """Have every error of `app` answered as a problem."""
    app.add_exception_handler(errors.ControlPlaneError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_bug)


def complaints_of(error: RequestValidationError | ValidationError, *within: str | int) -> list[errors.Complaint]:
    """Return what pydantic complains about, in our words. within: what its places lie in."""
    return [
        errors.Complaint(
            (*within, *(part if isinstance(part, str | int) else str(part) for part in each["loc"])),
            each["msg"].removeprefix("Value error, "),
            NOT_JSON
            if isinstance(each["input"], bytes) and each["loc"] == ("body",)
            else REMEDIES.get(each["type"], "correct it; the schema is at /v1/openapi.json"),
        )
        for each in error.errors()
    ]


def answer(
    scope: Scope,
    status: int,
    code: str,
    detail: str,
    *,
    fields: Sequence[FieldProblem] = (),
    current_status: str | None = None,
    required_permission: str | None = None,
    existing_id: str | None = None,
    available_from_status: str | None = None,
    retry_after_s: int | None = None,
    limit: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return one problem, in the words of the dialect that the request in `scope` is in."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        request_id=str(scope.get("request_id", "")),
        errors=list(fields),
        current_status=current_status,
        required_permission=required_permission,
        existing_id=existing_id,
        available_from_status=available_from_status,
        retry_after_s=retry_after_s,
        limit=limit,
    )
    if (refuse := scope.get(DIALECT)) is not None:
        status, body = refuse(problem)
        return JSONResponse(body, status, dict(headers or {}))
    body = problem.model_dump(exclude_none=True)
    return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


async def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ControlPlaneError)
    return refuse(request.scope, error)


def refuse(scope: Scope, error: errors.ControlPlaneError) -> Response:
    """Return the problem that `error` is, for the request in `scope`."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    code, headers = error.code, dict(getattr(error, "headers", {}))
    retry_after_s: int | None = None
    if isinstance(error, errors.Unauthorised):
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
            code = f"{error.what}_{error.reason}"
    elif error.retryable:
        retry_after_s = getattr(error, "retry_after_s", RETRY_AFTER_S)
        headers["Retry-After"] = str(retry_after_s)
    return answer(
        scope,
        status,
        code,
        str(error),
        fields=[
            FieldProblem(loc=list(each.loc), what=each.what, todo=each.todo)
            for each in getattr(error, "complaints", ())
        ],
        headers=headers,
        current_status=getattr(error, "current_status", None),
        required_permission=getattr(error, "required", None),
        existing_id=getattr(error, "existing", None),
        available_from_status=getattr(error, "available_from_status", None),
        retry_after_s=retry_after_s,
        limit=getattr(error, "limit", None),
    )


async def _of_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    complaints = complaints_of(error)
    detail = f"{len(complaints)} thing{'s' if len(complaints) > 1 else ''} in the request can't be used."
    fields = [FieldProblem(loc=list(each.loc), what=each.what, todo=each.todo) for each in complaints]
    return answer(request.scope, 422, "invalid", detail, fields=fields)


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return answer(request.scope, error.status_code, code, str(error.detail), headers=error.headers)


async def _of_bug(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    headers = {
        **SECURITY,
        "X-Request-ID": str(request.scope.get("request_id", "")),
    }  # this answer is given outside every middleware
    detail = "Something broke on our side; the request id finds it in the log."
    return answer(request.scope, 500, "internal", detail, headers=headers)
