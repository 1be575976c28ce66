"""Who asks: the caller an endpoint declares, with the scopes it needs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from api.auth import Caller, bearer
from api.services import TheServices

_scheme = HTTPBearer(auto_error=False, description="A token made by `vivavoce token`")


async def anybody(request: Request, services: TheServices, _: Annotated[Any, Depends(_scheme)]) -> Caller:
    """Return who asks, whatever they may do."""
    caller = services.tokens.caller(bearer(request.headers.get("authorization")))
    structlog.contextvars.bind_contextvars(tenant=caller.tenant)
    return caller


def needs(*scopes: str) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of an endpoint that only callers with all of `scopes` may use."""

    async def caller(known: Annotated[Caller, Depends(anybody)]) -> Caller:
        for scope in scopes:
            known.require(scope)
        return known

    return caller


Reader = Annotated[Caller, Depends(needs("interview:read"))]
TranscriptReader = Annotated[Caller, Depends(needs("transcript:read"))]
RecordingReader = Annotated[Caller, Depends(needs("recording:read"))]
Creator = Annotated[Caller, Depends(needs("interview:create"))]
Editor = Annotated[Caller, Depends(needs("interview:update"))]
Remover = Annotated[Caller, Depends(needs("interview:delete"))]
Conductor = Annotated[Caller, Depends(needs("interview:conduct"))]
