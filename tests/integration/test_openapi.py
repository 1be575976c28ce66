"""The OpenAPI document says everything about every operation, and its examples work. /docs shows it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from api.app import create_app
from api.settings import load_settings
from tests.guards import HANG_S
from tests.integration.plane import running

METHODS = {"get", "post", "put", "patch", "delete"}
Operation = dict[str, Any]
ABSENT = re.compile(r"there is no|has no address", re.IGNORECASE)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data"))).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, entry in document["paths"].items():
        for method in METHODS & entry.keys():
            if path.startswith("/v1/"):
                yield f"{method.upper()} {path}", entry[method]


def resolved(document: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        found: Any = document
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        thing = found
    return thing


def examples_of(document: dict[str, Any], media: dict[str, Any]) -> list[Any]:
    if "example" in media:
        return [media["example"]]
    if "examples" in media:
        return [each["value"] for each in media["examples"].values()]
    return list(resolved(document, media["schema"]).get("examples", ()))


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    silent = {
        name: missing
        for name, each in operations(document)
        if (missing := [part for part in ("summary", "description", "operationId", "tags") if not each.get(part)])
    }
    assert silent == {}
    unfinished = [name for name, each in operations(document) if re.fullmatch(r"([A-Z]\w*\s?)+", each["summary"])]
    assert unfinished == [], "summaries made of function names"
    ids = [each["operationId"] for _, each in operations(document)]
    assert sorted(set(ids)) == sorted(ids)


def test_every_operation_but_the_health_check_needs_a_token(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    open_to_all = {name for name, each in operations(document) if not each.get("security")}
    assert open_to_all == {"GET /v1/health"}


def test_problems_are_documented_as_problems(document: dict[str, Any]) -> None:
    for name, each in operations(document):
        expected = {"422"}
        expected |= {"401", "403", "429"} if each.get("security") else set()
        expected |= {"404"} if "{" in name else set()
        expected |= {"413"} if "requestBody" in each else set()
        expected |= {"409"} if name.startswith("POST") else set()
        assert expected <= each["responses"].keys(), name
        for status, answer in each["responses"].items():
            assert answer["description"] not in {"", "Successful Response"}, (name, status)
            if status[0] == "4" and status != "416":
                content = answer["content"]
                assert list(content) == ["application/problem+json"], (name, status)
                assert resolved(document, content["application/problem+json"]["schema"])["title"] == "Problem"


def test_every_post_takes_an_idempotency_key(document: dict[str, Any]) -> None:
    for name, each in operations(document):
        named = [parameter for parameter in each.get("parameters", ()) if parameter["name"] == "Idempotency-Key"]
        assert len(named) == (1 if name.startswith("POST") else 0), name


def test_every_body_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    without, wrong = [], {}
    for name, each in operations(document):
        for media_type, media in each.get("requestBody", {}).get("content", {}).items():
            if media_type != "application/json":
                continue
            examples = examples_of(document, media)
            if not examples:
                without.append(name)
            schema = {**media["schema"], "components": document["components"]}
            validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
            for example in examples:
                if complaints := [f"{error.instance_path} {error.message}" for error in validator.iter_errors(example)]:
                    wrong[name] = complaints
    assert without == []
    assert wrong == {}


async def test_what_the_examples_create_is_created(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        document = (await client.get("/v1/openapi.json")).json()
        refused = {}
        for name, each in operations(document):
            method, path = name.split(" ")
            content = each.get("requestBody", {}).get("content", {})
            if method != "POST" or "{" in path or "application/json" not in content:
                continue
            for example in examples_of(document, content["application/json"]):
                answer = await client.post(path, json=example)
                # An example may name another thing or host, which is not here: nothing else may be wrong.
                about = json.dumps([answer.json().get("detail"), answer.json().get("errors")])
                if not answer.is_success and not ABSENT.search(about):
                    refused[name] = (answer.status_code, about)
        assert refused == {}


async def test_the_pages_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    async with running(tmp_path) as plane, httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as client:
        page = await client.get("/docs")
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        named = re.findall(r'(?:src|href)="(pages/[^"]+)"', page.text)
        assert {"pages/docs.js", "pages/docs.css"} <= set(named)
        for path in named:
            file = await client.get(f"/{path}")
            assert file.status_code == 200, path
            assert "//" not in re.sub(r"//[ @].*|https?://(?=www\.w3\.org)", "", file.text), path
        assert not re.search(r'(src|href)="(https?:)?//', page.text)
