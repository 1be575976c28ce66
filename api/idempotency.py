"""`Idempotency-Key`: a POST that is sent again, because its answer was lost, is answered again and not done again.

A key belongs to one caller of one tenant. It is claimed in a transaction of its own before the request is carried out,
and what was answered is kept with it for a day. Kept are successes and refusals that would be repeated; a 5xx, a crash,
401, 403 and 429 free the key. An answer that holds a secret shown once is never kept: its endpoint names `SHOWN_ONCE`
among its dependencies, and a repetition is refused. After the IETF draft draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message as Header
from typing import Any

from fastapi import Depends
from sqlalchemy import JSON, Index, LargeBinary, String, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.auth import Caller
from api.bodies import read, replayed
from api.callers import CALLER, by_token, linked
from api.database import Base, Database, Moment
from api.errors import Complaint, ControlPlaneError, Invalid, KeyReused, SecretShownOnce, StillRunning
from api.moments import Clock, utc_now
from api.services import Services

KEY = re.compile(r"[\x20-\x7e]{1,255}")
KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(seconds=60)  # a claim whose process died before it could free it
KEPT_HEADERS = ("content-type", "etag", "location")
NOT_KEPT = frozenset({401, 403, 429})  # these answers change when the caller does
SHOWN_ONCE_SCOPE_KEY = "vivavoce.shown_once"


class IdempotencyRow(Base):
    """One key and what came of its request. caller: a digest of who sent it and what they may do.

    digest: of what was sent. claim: who is carrying it out. status: None while it runs; answer: None if it is withheld.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("idempotency_key_by_age", "created_at"),)

    tenant: Mapped[str] = mapped_column(String(128), primary_key=True)
    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    claim: Mapped[str] = mapped_column(String(32))
    status: Mapped[int | None]
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)


async def _mark_shown_once(request: Request) -> None:
    request.scope[SHOWN_ONCE_SCOPE_KEY] = True


SHOWN_ONCE: Any = Depends(_mark_shown_once)
"""The dependency of an endpoint whose successful answer holds a secret that is never shown again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer a key was given before."""

    status: int
    headers: dict[str, str]
    body: bytes

    def response(self) -> Response:
        """Return it as it was, marked as a repetition."""
        return Response(self.body, self.status, {**self.headers, "Idempotent-Replayed": "true"})


@dataclass(frozen=True, slots=True)
class Claim:
    """One caller's key, on its way to an answer. Each method is one short transaction."""

    database: Database
    clock: Clock
    tenant: str
    caller: str
    key: str
    digest: str
    id: str

    async def take(self) -> Kept | None:
        """Claim the key, or return what it was answered before.

        Raises `KeyReused` when it came with another request, `StillRunning` while that one is carried out, and
        `SecretShownOnce` when its answer may not be told again.
        """
        try:
            return await self._take()
        except IntegrityError:  # PostgreSQL: somebody else's claim was committed first, and can be read now
            return await self._take()

    async def _take(self) -> Kept | None:
        now = self.clock()
        async with self.database.write() as tx:
            identity = (self.tenant, self.caller, self.key)
            row = await tx.session.get(IdempotencyRow, identity, with_for_update=True)
            if row is not None and row.created_at < now - (ABANDONED_AFTER if row.status is None else KEPT_FOR):
                await tx.session.delete(row)
                await tx.session.flush()
                row = None
            if row is None:
                tx.session.add(
                    IdempotencyRow(
                        tenant=self.tenant,
                        caller=self.caller,
                        key=self.key,
                        digest=self.digest,
                        claim=self.id,
                        created_at=now,
                    )
                )
                return None
            if row.digest != self.digest:
                raise KeyReused()
            if row.status is None:
                raise StillRunning()
            if row.answer is None:
                raise SecretShownOnce(row.headers.get("location"))
            return Kept(row.status, row.headers, row.answer)

    async def keep(self, status: int, headers: dict[str, str], answer: bytes | None) -> None:
        """Keep an answer, unless the key was taken over in the meantime. answer: None to withhold it."""
        async with self.database.write() as tx:
            kept = {"status": status, "headers": headers, "answer": answer}
            await tx.session.execute(update(IdempotencyRow).where(*self._mine).values(kept))

    async def free(self) -> None:
        """Let the key be used again."""
        async with self.database.write() as tx:
            await tx.session.execute(delete(IdempotencyRow).where(*self._mine, IdempotencyRow.status.is_(None)))

    @property
    def _mine(self) -> tuple[Any, ...]:
        row = IdempotencyRow
        return (row.tenant == self.tenant, row.caller == self.caller, row.key == self.key, row.claim == self.id)


async def forget_old_answers(database: Database, now: datetime) -> None:
    """Delete what was kept for longer than a repetition is expected."""
    async with database.write() as tx:
        await tx.session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - KEPT_FOR))


class Idempotency:
    """Carries out each keyed POST under `/v1` once; requests without the header pass untouched."""

    def __init__(self, app: ASGIApp, clock: Clock = utc_now) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        keyed = problems.is_api(scope) and scope["method"] == "POST"
        keys = Headers(scope=scope).getlist("idempotency-key") if keyed else []
        if not keys or "authorization" not in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        services: Services = scope["app"].state.services
        try:
            connection = HTTPConnection(scope)
            if (found := await linked(connection, services)) is not None:
                caller = found[1]
            else:
                caller = scope[CALLER] = await by_token(connection, services)
            key, body = _checked(keys), await read(receive)
            claim = Claim(
                services.database,
                self._clock,
                caller.tenant,
                _digest_of_caller(caller),
                key,
                _digest(scope, body),
                secrets.token_hex(16),
            )
            kept = await claim.take()
        except ClientDisconnect:
            return  # nobody waits for an answer, and nothing was done
        except ControlPlaneError as refusal:
            await problems.refuse(scope, refusal)(scope, receive, send)
            return
        if kept is not None:
            await kept.response()(scope, receive, send)
            return
        await self._carry_out(claim, scope, replayed(body, receive), send)

    async def _carry_out(self, claim: Claim, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer()

        async def collected(message: Message) -> None:
            if answer.settled:
                await send(message)
                return
            answer.take(message)
            if answer.whole:
                await answer.settle(claim, withheld=scope.get(SHOWN_ONCE_SCOPE_KEY, False))
                for each in answer.messages:
                    await send(each)

        try:
            await self._app(scope, receive, collected)
        finally:
            if not answer.settled:
                await claim.free()


class _Answer:
    """An answer that is collected to be kept before anybody sees it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.settled = False

    @property
    def whole(self) -> bool:
        return self.messages[-1]["type"] == "http.response.body" and not self.messages[-1].get("more_body", False)

    def take(self, message: Message) -> None:
        self.messages.append(message)

    async def settle(self, claim: Claim, *, withheld: bool) -> None:
        """Keep the answer or free its key."""
        start = self.messages[0]
        status: int = start["status"]
        if status >= 500 or status in NOT_KEPT:
            await claim.free()
        else:
            sent = MutableHeaders(scope=start)
            headers = {name: sent[name] for name in KEPT_HEADERS if name in sent}
            body = b"".join(message.get("body", b"") for message in self.messages)
            await claim.keep(status, headers, None if withheld and status < 400 else body)
        self.settled = True


def _checked(keys: list[str]) -> str:
    if len(keys) > 1 or not KEY.fullmatch(keys[0]):
        what = "comes more than once" if len(keys) > 1 else "is not 1 to 255 printable ASCII characters"
        raise Invalid(Complaint(("header", "Idempotency-Key"), what, "send one key, such as a UUID"))
    return keys[0]


def _digest_of_caller(caller: Caller) -> str:
    """A token that may do less than the one a key was used with must not be told that one's answer."""
    return _sha256(caller.subject, *sorted(caller.scopes))


def _digest(scope: Scope, body: bytes) -> str:
    content_type = Headers(scope=scope).get("content-type", "")
    header = Header()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_maintype() == "multipart" and boundary:
        # Clients draw a new boundary for every try; what it separates is the same.
        content_type = header.get_content_type()
        body = body.replace(b"--" + boundary.encode("latin-1", "replace"), b"--")
    return _sha256(scope["method"], scope["path"], scope["query_string"], content_type, body)


def _sha256(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
