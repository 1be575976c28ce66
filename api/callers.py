"""Who asks: the caller an endpoint declares, with the scopes it needs, counted against its rate."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import structlog
from fastapi import Depends, Query, Request
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from api.auth import Caller, bearer
from api.errors import Forbidden, NotNamed, Unauthorised
from api.limits import HEADERS
from api.links import Seat
from api.services import Services, TheServices
from bot.interview import Role

_scheme = HTTPBearer(auto_error=False, description="An API key (`vv_…`), or a token made by `vivavoce token`")
OWN = frozenset({"scorecard:submit", "scorecard:read", "coaching:read"})  # of who holds an interview, there alone
CALLER = "vivavoce.caller"  # in the ASGI scope: who a middleware found to ask, counted already
LINKED = "vivavoce.linked"  # the same, of whom a join link names


async def by_token(connection: HTTPConnection, services: Services, token: str | None = None) -> Caller:
    """Return who holds `token`, or the one in the Authorization header, and count the request against their rate.

    Raises `Unauthorised`, `RateLimited`, `IssuerUnavailable`.
    """
    if token is None and (found := connection.scope.get(CALLER)) is not None:
        counted: Caller = found
        return counted
    try:
        caller = await services.authenticator.caller(token or bearer(connection.headers.get("authorization")))
    except Unauthorised:
        await _count_failure(connection, services)
        raise
    await _count(connection, services, caller)
    return caller


async def linked(
    connection: HTTPConnection, services: Services, interview_id: str | None = None
) -> tuple[Seat, Caller] | None:
    """Return whom the join link in the Authorization header names, and count the request; None where no join link is.

    interview_id: whose link it has to be; None: any interview's. Of an interviewer it is who `by_link` returns; the
    others may do nothing but what an endpoint lets them. Raises `Unauthorised` for a link that is over, `Forbidden` for
    one of another interview, `NotNamed` for an interviewer who is not named, `RateLimited`.
    """
    seat = await _seat(connection, services, interview_id)
    if seat is None:
        return None
    caller: Caller | None = connection.scope.get(LINKED)
    if caller is None:
        if seat.role is Role.INTERVIEWER:
            caller = await services.interviewers.seated(seat)
        else:
            tenant = await services.interviews.tenant_of(seat.interview_id)
            caller = Caller(tenant, seat.role.value, frozenset())
        await _count(connection, services, caller)
        connection.scope[LINKED] = caller
    return seat, caller


async def by_link(connection: HTTPConnection, services: Services, interview_id: str | None = None) -> Caller | None:
    """Return the named interviewer whose join link is in the Authorization header; None where no join link is.

    interview_id: whose link it has to be; None: any interview's.

    They may use the copilot where it is granted to them, and nothing else. Raises `Unauthorised` for a link that is
    over, `Forbidden` for one of another interview, `NotNamed` for anybody else's, `RateLimited`.
    """
    found = await linked(connection, services, interview_id)
    if found is None:
        return None
    seat, caller = found
    if seat.role is not Role.INTERVIEWER:
        raise NotNamed("not_an_interviewer", f"This is a link of the {seat.role.value}'s; only interviewers may.")
    return caller


async def _seat(connection: HTTPConnection, services: Services, interview_id: str | None) -> Seat | None:
    """Return whom the join link in the Authorization header names; None where no join link is."""
    try:
        return services.links.verify(bearer(connection.headers.get("authorization")), interview_id)
    except Forbidden:
        raise
    except Unauthorised as refusal:
        if refusal.reason == "forged":
            return None
        await _count_failure(connection, services)
        raise


async def _count(connection: HTTPConnection, services: Services, caller: Caller) -> None:
    structlog.contextvars.bind_contextvars(tenant=caller.tenant)
    told = await services.limiter.count((caller.tenant, caller.subject), caller.rate)
    connection.scope.get(HEADERS, {}).update(told)


async def by_ticket(connection: HTTPConnection, services: Services, ticket: str, interview_id: str) -> Caller:
    """Return who got `ticket`, which was counted then; raise `Unauthorised`, `RateLimited`.

    What they got it with has to be good still.
    """
    try:
        caller = await services.tickets.take(ticket, interview_id)
        await services.authenticator.still(caller)
    except Unauthorised:
        await _count_failure(connection, services)
        raise
    structlog.contextvars.bind_contextvars(tenant=caller.tenant)
    return caller


async def anybody(request: Request, services: TheServices, _: Annotated[Any, Depends(_scheme)]) -> Caller:
    """Return who asks, whatever they may do."""
    return await by_token(request, services)


async def follower(
    request: Request,
    interview_id: str,
    services: TheServices,
    _: Annotated[Any, Depends(_scheme)],
    ticket: Annotated[
        str | None, Query(max_length=128, description="From /v1/tickets, in place of the Authorization header")
    ] = None,
) -> Caller:
    """Return who follows an interview live, by ticket or by token."""
    taking = by_token(request, services) if ticket is None else by_ticket(request, services, ticket, interview_id)
    caller = await taking
    caller.require("transcript:read")
    return caller


async def interviewer(
    request: Request, interview_id: str, services: TheServices, _: Annotated[Any, Depends(_scheme)]
) -> Caller:
    """Return who may use the copilot of an interview: by their join link, or by a token with `copilot:use`."""
    caller = await by_link(request, services, interview_id) or await by_token(request, services)
    await services.interviewers.require(caller, interview_id)
    return caller


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks about an interview that people held. by_link: they are who an interviewer's join link names."""

    caller: Caller
    by_link: bool


def holder_or(*scopes: str) -> Callable[..., Awaitable[Holder]]:
    """Return the dependency of an endpoint for who holds an interview, by join link, and for tokens with `scopes`."""

    async def holder(
        request: Request, interview_id: str, services: TheServices, _: Annotated[Any, Depends(_scheme)]
    ) -> Holder:
        known = await by_link(request, services, interview_id)
        if known is not None:
            return Holder(replace(known, scopes=known.scopes | OWN), by_link=True)
        caller = await by_token(request, services)
        for scope in scopes:
            caller.require(scope)
        return Holder(caller, by_link=False)

    return holder


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks about what people agreed to. subject: as consents name them, of a candidate who comes by their link."""

    caller: Caller
    subject: str | None = None


def candidate_or(*scopes: str) -> Callable[..., Awaitable[Asker]]:
    """Return the dependency of an endpoint for an interview's candidate by join link, and for tokens with `scopes`."""

    async def asker(
        request: Request, interview_id: str, services: TheServices, _: Annotated[Any, Depends(_scheme)]
    ) -> Asker:
        found = await linked(request, services, interview_id)
        if found is None:
            caller = await by_token(request, services)
            for scope in scopes:
                caller.require(scope)
            return Asker(caller)
        seat, caller = found
        if seat.role is not Role.CANDIDATE:
            detail = f"This is a link of the {seat.role.value}'s; only the candidate may."
            raise Forbidden("not_the_candidate", detail)
        return Asker(caller, seat.role.value)

    return asker


def needs(*scopes: str) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of an endpoint that only callers with all of `scopes` may use."""

    async def caller(known: Annotated[Caller, Depends(anybody)]) -> Caller:
        for scope in scopes:
            known.require(scope)
        return known

    return caller


async def leading(
    request: Request, interview_id: str, services: TheServices, _: Annotated[Any, Depends(_scheme)]
) -> Caller:
    """Return who may change who leads a call: who conducts interviews, or may use the copilot of this one."""
    caller = await by_link(request, services, interview_id) or await by_token(request, services)
    if not caller.may("interview:conduct"):
        await services.interviewers.require(caller, interview_id)
    return caller


async def _count_failure(connection: HTTPConnection, services: Services) -> None:
    await services.limiter.count_failure(connection.client.host if connection.client else "")


Reader = Annotated[Caller, Depends(needs("interview:read"))]
TranscriptReader = Annotated[Caller, Depends(needs("transcript:read"))]
Interviewer = Annotated[Caller, Depends(interviewer)]
Follower = Annotated[Caller, Depends(follower)]
RecordingReader = Annotated[Caller, Depends(needs("recording:read"))]
Creator = Annotated[Caller, Depends(needs("interview:create"))]
Editor = Annotated[Caller, Depends(needs("interview:update"))]
Remover = Annotated[Caller, Depends(needs("interview:delete"))]
PlanApprover = Annotated[Caller, Depends(needs("plan:approve"))]
Leading = Annotated[Caller, Depends(leading)]
Conductor = Annotated[Caller, Depends(needs("interview:conduct"))]
