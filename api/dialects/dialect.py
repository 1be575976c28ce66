"""What a dialect is, and the middleware that has everything under its paths answered in it, errors included."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import DIALECT, MEANS, Problem
from api.routing import take


@dataclass(frozen=True, slots=True)
class Dialect:
    """One published API.

    name: as in the setting DIALECTS. root: where its paths begin, without the prefix it may be moved under.
    router: its calls; their paths begin with `root`. refuse: a problem as (status, body) in its own shape.
    uploads: patterns of the paths that take files, from `root` on → how many bytes their bodies may hold.
    """

    name: str
    root: str
    router: APIRouter
    refuse: Callable[[Problem], tuple[int, dict[str, Any]]]
    uploads: Mapping[str, int] = field(default_factory=dict)
    prefix: str = ""

    def speaks(self, path: str) -> bool:
        """Tell whether a path is one of this API."""
        root = self.prefix + self.root
        return path == root or path.startswith(root + "/")


class Speaking:
    """Middleware that notes which dialect a request is in."""

    def __init__(self, app: ASGIApp, dialects: Sequence[Dialect]) -> None:
        self._app = app
        self._dialects = dialects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            spoken = next((dialect for dialect in self._dialects if dialect.speaks(scope["path"])), None)
            if spoken is not None:
                scope[DIALECT] = spoken.refuse
        await self._app(scope, receive, send)


def chosen(asked: Sequence[str], known: Sequence[Dialect]) -> list[Dialect]:
    """Return the dialects a setting names. asked: `name` or `name=/prefix`; every name is known."""
    by_name = {dialect.name: dialect for dialect in known}
    return [
        replace(by_name[name], prefix=prefix.rstrip("/"))
        for name, _, prefix in (each.partition("=") for each in asked)
        if name in by_name
    ]


def install(app: FastAPI, dialects: Sequence[Dialect]) -> None:
    """Have `app` answer the calls of `dialects`."""
    for dialect in dialects:
        if dialect.prefix:
            app.include_router(dialect.router, prefix=dialect.prefix)
        else:
            take(app, dialect.router)


def uploads(dialects: Sequence[Dialect]) -> dict[re.Pattern[str], int]:
    """Return the paths of `dialects` that take files, and how many bytes their bodies may hold."""
    return {
        re.compile(re.escape(dialect.prefix + dialect.root) + path): size
        for dialect in dialects
        for path, size in dialect.uploads.items()
    }


def refusals(model: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries for the refusals of a dialect's call, in the shape that `model` describes."""
    return {status: {"model": model, "description": MEANS.get(status, "Refused")} for status in statuses}
