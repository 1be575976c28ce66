"""Who asks: the caller an endpoint declares, with the scope it needs."""

from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from api.auth import READ, WRITE, Caller, bearer
from api.services import TheServices

_scheme = HTTPBearer(auto_error=False, description="A token made by `vivavoce token`")


async def _caller(request: Request, services: TheServices, _: Annotated[Any, Depends(_scheme)]) -> Caller:
    caller = services.tokens.caller(bearer(request.headers.get("authorization")))
    structlog.contextvars.bind_contextvars(tenant=caller.tenant)
    return caller


async def _reader(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    caller.require(READ)
    return caller


async def _writer(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    caller.require(WRITE)
    return caller


Reader = Annotated[Caller, Depends(_reader)]
Writer = Annotated[Caller, Depends(_writer)]
