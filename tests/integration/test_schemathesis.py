"""Schemathesis over the whole OpenAPI document: no 5xx, no answer that is not documented."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.guards import HANG_S
from tests.integration.plane import running
from tests.integration.test_openapi import examples_of

EXAMPLES = 3  # of good and of bad requests each, for every operation
WITHIN_S = 80.0
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TENANT = "acme"  # whose token it is
MAKES = ("jobs", "candidates", "agents", "interviews", "keys")


async def test_nothing_generated_from_the_document_breaks_the_server(tmp_path: Path) -> None:
    async with running(tmp_path, rate_per_minute=0, rate_per_hour=0) as plane:
        known = await _made(plane.client(TENANT))
        failures, asked = await asyncio.to_thread(_explore, plane.url, plane.token(TENANT), known)
        assert failures == {}
        assert len(asked) > 20, "operations that were asked"
        assert asked.total() > 100


async def _made(client: httpx.AsyncClient) -> dict[str, str]:
    """One thing of each kind, so that not every id is unknown: the path of its collection and its id."""
    document = (await client.get("/v1/openapi.json")).json()
    known = {}
    for name in MAKES:
        path = f"/v1/{name}"
        media = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        answer = await client.post(path, json=examples_of(document, media)[0])
        assert answer.status_code == 201, answer.text
        known[path] = answer.json()["id"]
    return known


def _explore(url: str, token: str, known: dict[str, str]) -> tuple[dict[str, str], Counter[str]]:
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
    failures: dict[str, str] = {}
    asked: Counter[str] = Counter()
    until = monotonic() + WITHIN_S
    for operation in _operations(schema):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if monotonic() > until:
                return failures, asked
            try:
                _ask(operation, mode, token, known, asked)
            except Unsatisfiable:
                continue  # nothing can be wrong with a request that takes nothing
            except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to this operation
                failures[f"{operation.label} ({mode.value})"] = str(error)[:800]
    return failures, asked


def _operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def _ask(operation: Any, mode: GenerationMode, token: str, known: dict[str, str], asked: Counter[str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Case) -> None:
        asked[operation.label] += 1
        for collection, id_ in known.items():
            if case.path.startswith(f"{collection}/{{") and asked[operation.label] % 2:
                name = case.path.removeprefix(f"{collection}/{{").partition("}")[0]
                case.path_parameters[name] = id_
        for name, id_ in {"orgId": TENANT, "interviewId": known["/v1/interviews"]}.items():  # as dialects call them
            if asked[operation.label] % 2 and case.path_parameters and name in case.path_parameters:
                case.path_parameters[name] = id_
        answer = case.call(headers={"Authorization": f"Bearer {token}"}, timeout=HANG_S)
        case.validate_response(answer, checks=CHECKS)

    one()
