"""Serves the pages and their files, each with the headers that keep them to themselves."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.framing import Frames

STATIC = Path(__file__).parent / "static"

MEDIA_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

WORDS = "words.js"  # ends the names of modules of words
WRITTEN_IN = "en"

NOBODY = "frame-ancestors 'none'"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "media-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
        NOBODY,
    )
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    media_type: str
    etag: str


def _load(directory: Path) -> dict[str, _Asset]:
    assets = {}
    for path in sorted(directory.rglob("*")):
        if path.suffix in MEDIA_TYPES:
            body = path.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:20]
            name = path.relative_to(directory).as_posix()
            assets[name] = _Asset(body, MEDIA_TYPES[path.suffix], f'"{digest}"')
    return assets


def _wanted(header: str) -> list[str]:
    """Return the languages of an `Accept-Language` without their regions, most wanted first (RFC 9110, 12.5.4)."""
    weighed = []
    for one in header.lower().split(","):
        name, _, weight = one.partition(";q=")
        try:
            weighed.append((float(weight or 1), name.strip().partition("-")[0]))
        except ValueError:
            continue
    return [name for weight, name in sorted(weighed, key=lambda one: -one[0]) if weight > 0]


def _embedded(origin: str) -> dict[str, str]:
    """The headers of a page that pages of one origin may show in a frame."""
    policy = POLICY.replace(NOBODY, f"frame-ancestors {origin}")
    # A page that keeps to cross-origin isolation shows only frames that say so.
    return {"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin"}


def pages_router(directory: Path = STATIC, frames: Frames | None = None) -> APIRouter:
    """Return the router of `/`, `/app`, its reports, `/docs`, `/room/{id}`, `/pages/…`; files are read once, here.

    A module of words, `….js`, is answered in the reader's language where there is one beside it: `words.de.js`.
    """
    assets = _load(directory)
    router = APIRouter(include_in_schema=False)

    def serve(request: Request, name: str, more: Mapping[str, str] | None = None) -> Response:
        asset = assets.get(name)
        if asset is None:
            return Response("There is no such page.", 404, dict(HEADERS), "text/plain; charset=utf-8")
        headers = {**HEADERS, **(more or {}), "ETag": asset.etag}
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        return Response(asset.body, headers=headers, media_type=asset.media_type)

    @router.get("/")
    async def home() -> Response:
        return RedirectResponse("app", 307)

    @router.get("/app")
    async def interviews(request: Request) -> Response:
        return serve(request, "app.html")

    @router.get("/app/interviews/{interview_id}/report")
    async def report(request: Request, interview_id: str) -> Response:
        return serve(request, "report.html")

    @router.get("/docs")
    async def docs(request: Request) -> Response:
        return serve(request, "docs.html")

    @router.get("/room/{interview_id}")
    async def room(request: Request, interview_id: str) -> Response:
        origin = None if frames is None else frames.origin(interview_id, request.query_params)
        return serve(request, "room.html", None if origin is None else _embedded(origin))

    @router.get("/pages/{name:path}")
    async def file(request: Request, name: str) -> Response:
        if not name.endswith(WORDS):
            return serve(request, name)
        wanted = _wanted(request.headers.get("accept-language", ""))
        named = (name if language == WRITTEN_IN else name.replace(".js", f".{language}.js") for language in wanted)
        return serve(request, next((one for one in named if one in assets), name), {"Vary": "Accept-Language"})

    return router
