"""Request bodies: read whole and handed on, and JSON held to what every database and every reader can hold."""

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.errors import Complaint, Invalid

DEEPEST = 64
LONGEST_NUMBER = 64  # characters; longer than any that means something
Place = tuple[str | int, ...]


async def read(receive: Receive) -> bytes:
    """Return the whole body; raise `ClientDisconnect`, or the HTTPException of whoever limits its size."""
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives `body` once more and then goes on with `receive`."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class PlainJson:
    """Refuses, for the API, JSON that is malformed, ambiguous or can't be stored, and says where.

    Python's parser alone would take a name twice, NaN, and halves of surrogate pairs, and give up on deep nesting.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not problems.is_api(scope) or not _is_json(scope):
            await self._app(scope, receive, send)
            return
        try:
            body = await read(receive)
        except ClientDisconnect:
            return  # nobody waits for an answer
        try:
            check(body)
        except Invalid as refusal:
            await problems.refuse(scope, refusal)(scope, receive, send)
            return
        await self._app(scope, replayed(body, receive), send)


def check(body: bytes) -> None:
    """Raise `Invalid` unless `body` is empty or JSON (RFC 8259) of distinct names, finite numbers and storable text."""
    if not body:
        return
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        _refuse(("body", error.start), "is not valid UTF-8", "send JSON as UTF-8, not compressed")
    try:
        value = json.loads(
            text, object_pairs_hook=_distinct, parse_constant=_no_constant, parse_int=_int, parse_float=_float
        )
    except json.JSONDecodeError as error:
        _refuse(("body", error.pos), f"is not JSON: {error.msg}", "send well-formed JSON")
    except RecursionError:
        _refuse_depth()
    if body.count(b"[") + body.count(b"{") > DEEPEST or b"\\u" in body:
        _walk(value)


def _is_json(scope: Scope) -> bool:
    media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _walk(value: Any) -> None:
    level: list[tuple[Place, Any]] = [(("body",), value)]
    depth = 0
    while level:
        if depth > DEEPEST:
            _refuse_depth()
        depth += 1
        level = [child for place, each in level for child in _children(place, each)]


def _children(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, str):
        _storable(place, value)
    elif isinstance(value, list):
        yield from (((*place, index), each) for index, each in enumerate(value))
    elif isinstance(value, dict):
        for name, each in value.items():
            _storable(place, name)
            yield (*place, name), each


def _storable(place: Place, text: str) -> None:
    if "\x00" in text:
        _refuse(place, "holds a NUL character (control characters can't be stored)", "send plain text")
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse(place, "holds half of a surrogate pair", "send well-formed Unicode")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        shown = twice.encode(errors="replace").decode()
        _refuse(("body",), f"names {shown[:100]!r} twice in one object", "send each field once")
    return found


def _no_constant(name: str) -> NoReturn:
    _refuse(("body",), f"holds {name}, which JSON does not have", "send a finite number or null")


def _int(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        _refuse(("body",), f"holds a number of {len(digits)} digits", "send a number that fits 64 bits")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse(("body",), f"holds {digits[:40]}, which is too large for a number", "send a number that fits 64 bits")
    return number


def _refuse_depth() -> NoReturn:
    _refuse(("body",), f"is nested more than {DEEPEST} deep", "send flatter JSON")


def _refuse(place: Place, what: str, todo: str) -> NoReturn:
    shown = tuple(part if isinstance(part, int) else part.encode(errors="replace").decode() for part in place)
    raise Invalid(Complaint(shown, what, todo))
