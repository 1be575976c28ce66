"""Bad input over real HTTP: whatever is sent, the answer is a precise problem and never a 5xx."""

import copy
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.integration.plane import PLAN, Plane, running
from tests.integration.test_openapi import examples_of, operations

JSON = {"Content-Type": "application/json"}
JOB = b'{"title": "Backend engineer"'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    async with running(tmp_path_factory.mktemp("data"), rate_per_minute=0, rate_per_hour=0) as running_plane:
        yield running_plane


pytestmark = pytest.mark.asyncio(loop_scope="module")


def problem_of(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """Return the problem an answer is, which must say what, where and what to do."""
    assert answer.status_code in (statuses or {400, 404, 409, 413, 415, 422}), (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["title"] and problem["detail"] and problem["code"]
    for each in problem.get("errors", ()):
        assert each["loc"] and each["what"] and each["todo"], each
    return problem


@pytest.mark.parametrize(
    ("body", "loc", "what"),
    [
        (JOB + b', "metadata": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001, ["body"], "nested more than"),
        (b"[" * 10_000 + b"]" * 10_000, ["body"], "nested more than"),
        (b"[" * 100_000, ["body"], "nested more than"),
        (JOB + b', "metadata": {"a": [' + b"[" * 100 + b"]" * 100 + b"]}}", ["body"], "nested more than"),
        (JOB + b', "title": "Frontend engineer"}', ["body"], "names 'title' twice"),
        (JOB + b', "metadata": {"a": {"b": 1, "b": 2}}}', ["body"], "names 'b' twice"),
        (JOB + b', "metadata": {"a": NaN}}', ["body"], "holds NaN"),
        (JOB + b', "salary": {"currency": "EUR", "min": -Infinity}}', ["body"], "holds -Infinity"),
        (JOB + b', "metadata": {"a": 1e999}}', ["body"], "holds 1e999"),
        (JOB + b', "metadata": {"a": ' + b"9" * 10_000 + b"}}", ["body"], "number of 10000 digits"),
        (b'{"title": "Backend \xff engineer"}', ["body", 19], "not valid UTF-8"),
        (JOB.decode().encode("utf-16") + b"}", ["body", 0], "not valid UTF-8"),
        (b"\xef\xbb\xbf" + JOB + b"}", ["body", 0], "not JSON"),
        (b"{", ["body", 1], "not JSON"),
        (b"title=Backend", ["body", 0], "not JSON"),
        (JOB + b', "metadata": {"a\\u0000": 1}}', ["body", "metadata"], "NUL"),
        (JOB + b', "metadata": {"a": ["b", "\\udc00"]}}', ["body", "metadata", "a", 1], "surrogate"),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else "",
)
async def test_json_that_is_malformed_ambiguous_or_extreme(
    plane: Plane, body: bytes, loc: list[str | int], what: str
) -> None:
    problem = problem_of(await plane.client().post("/v1/jobs", content=body, headers=JSON), 422)
    assert problem["errors"][0]["loc"] == loc
    assert what in problem["errors"][0]["what"]


async def test_ten_megabytes(plane: Plane) -> None:
    client = plane.client()
    large = JOB + b', "description": "' + b"x" * 10_000_000 + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    for content in (large, pieces()):
        try:
            answer = await client.post("/v1/jobs", content=content, headers=JSON)
        except httpx.WriteError:
            continue  # it hung up while we were still talking, which it may
        assert problem_of(answer, 413)["code"] == "content_too_large"


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_json_that_is_not_called_json(plane: Plane, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    problem = problem_of(await plane.client().post("/v1/jobs", content=JOB + b"}", headers=headers), 415, 422)
    assert "application/json" in json.dumps(problem)


async def test_text_that_no_database_can_hold_in_every_text_field(plane: Plane) -> None:
    client = plane.client()
    tried = 0
    for method, path, example in await _bodies(client):
        for place in _texts(example):
            for escape, what in (("\\u0000", "NUL"), ("\\ud83d", "surrogate")):
                body = json.dumps(_changed(example, place, "@@@")).replace("@@@", f"a{escape}b")
                problem = problem_of(await client.request(method, path, content=body, headers=JSON), 422)
                assert problem["errors"][0]["loc"] == ["body", *place], (path, problem)
                assert what in problem["errors"][0]["what"]
                tried += 1
    assert tried > 20


@pytest.mark.parametrize("wrong", [None, 7, -(10**30), 1e308, True, [], {}, [[]], "", "x" * 100_000], ids=repr)
async def test_wrong_types_in_every_field(plane: Plane, wrong: Any) -> None:
    client = plane.client()
    for method, path, example in await _bodies(client):
        for name in example:
            answer = await client.request(method, path, json=example | {name: wrong})
            if answer.status_code >= 300:
                problem_of(answer)
        if not isinstance(wrong, dict):
            problem_of(await client.request(method, path, json=wrong), 404, 409, 422)


async def test_unknown_fields_are_refused_by_name(plane: Plane) -> None:
    client = plane.client()
    for method, path, example in await _bodies(client):
        answer = await client.request(method, path, json=example | {"no_such_field": 1})
        if "{" not in path and answer.status_code != 404:  # a patch of what is not there is a 404 first
            assert "no_such_field" in json.dumps(problem_of(answer, 422)["errors"]), path


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=100001",
        "page=99999999999999999999999999",
        "limit=0",
        "limit=101",
        "limit=-5",
        "page=one",
        "limit=1e3",
        "page=NaN",
        "limit=",
        "page=1.5",
        "page=%00",
        "limit=%ED%A0%80",
    ],
)
async def test_pages_that_can_not_be(plane: Plane, query: str) -> None:
    client = plane.client()
    document = (await client.get("/v1/openapi.json")).json()
    lists = [
        name.removeprefix("GET ")
        for name, each in operations(document)
        if {"page", "limit"} <= {parameter["name"] for parameter in each.get("parameters", ())} and "{" not in name
    ]
    assert {"/v1/interviews", "/v1/jobs"} <= set(lists)
    for path in lists:
        problem = problem_of(await client.get(f"{path}?{query}"), 422)
        assert problem["errors"][0]["loc"] == ["query", query.partition("=")[0]]


@pytest.mark.parametrize("id_", ["%00", "a%00b", "%ff%fe", "%ED%A0%80", "..%2F..", "x" * 2000, "'; --", "%F0%9F%98%80"])
async def test_ids_that_are_none(plane: Plane, id_: str) -> None:
    client = plane.client()
    document = (await client.get("/v1/openapi.json")).json()
    for name, each in operations(document):
        method, path = name.split(" ")
        if "{" not in path:
            continue
        url = "/".join(id_ if part.startswith("{") else part for part in path.split("/"))
        body = _json_body(document, each)
        answer = await client.request(method, url, content=json.dumps(body) if body is not None else None, headers=JSON)
        problem_of(answer, 404, 405, 422)


async def test_queries_with_what_no_database_can_hold(plane: Plane) -> None:
    client = plane.client()
    document = (await client.get("/v1/openapi.json")).json()
    for name, each in operations(document):
        method, path = name.split(" ")
        for parameter in each.get("parameters", ()):
            if method == "GET" and parameter["in"] == "query" and "{" not in path:
                problem = problem_of(await client.get(f"{path}?{parameter['name']}=a%00b"), 422)
                assert problem["errors"][0]["loc"] == ["query", parameter["name"]]


async def test_headers_that_make_no_sense(plane: Plane) -> None:
    client = plane.client()
    job = (await client.post("/v1/jobs", json={"title": "Backend engineer"})).json()["id"]
    interview = await plane.created(client)
    tag = await client.patch(f"/v1/jobs/{job}", json={"title": "Other engineer"}, headers={"If-Match": '"9" * "'})
    assert problem_of(tag, 422)["errors"][0]["loc"] == ["header", "If-Match"]
    huge = await client.patch(f"/v1/jobs/{job}", json={}, headers={"If-Match": '"' + "9" * 5000 + '"'})
    problem_of(huge, 412, 422)
    behind = await client.get(f"/v1/interviews/{interview}/events", headers={"Last-Event-ID": "-1"})
    assert problem_of(behind, 422)["errors"][0]["loc"][0] == "header"
    length = await client.post("/v1/jobs", content=b"{}", headers={**JSON, "Content-Encoding": "gzip"})
    problem_of(length, 422)


async def test_methods_and_paths_that_are_not_there(plane: Plane) -> None:
    client = plane.client()
    problem_of(await client.get("/v1/no-such-thing"), 404)
    answer = await client.put("/v1/jobs", json={})
    assert problem_of(answer, 405)["code"] == "method_not_allowed"


async def test_plans_nested_and_large_in_every_way(plane: Plane) -> None:
    client = plane.client()
    section = PLAN["sections"][0]
    plans = [
        {**PLAN, "sections": [section] * 2},  # one id twice
        {**PLAN, "sections": [section] * 20_000},
        {**PLAN, "sections": []},
        {**PLAN, "title": "x" * 100_000},
        {**PLAN, "minutes": 10**18},
    ]
    for plan in plans:
        problem_of(await client.post("/v1/interviews", json={"candidate": {"name": "Ann"}, "plan": plan}), 413, 422)


async def _bodies(client: httpx.AsyncClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation with a JSON body: method, a path of ids that don't exist, and an example of the body."""
    document = (await client.get("/v1/openapi.json")).json()
    found = []
    for name, each in operations(document):
        method, path = name.split(" ")
        body = _json_body(document, each)
        if isinstance(body, dict):
            url = "/".join("nothing" if part.startswith("{") else part for part in path.split("/"))
            found.append((method, url, body))
    return found


def _json_body(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    media = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return next(iter(examples_of(document, media)), None) if media else None


def _texts(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        yield place
    elif isinstance(value, dict | list):
        for step, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(each, (*place, step))


def _changed(value: Any, place: tuple[str | int, ...], to: str) -> Any:
    changed = copy.deepcopy(value)
    within = changed
    for step in place[:-1]:
        within = within[step]
    within[place[-1]] = to
    return changed
