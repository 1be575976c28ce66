"""What can be done with embed keys. Each method is one transaction."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from api import audit
from api.auth import Caller
from api.database import Database, Transaction
from api.errors import Conflict, EmbedRefused
from api.moments import Clock
from api.postings import POSTINGS, PostingIn, PostingRow, PostingStatus
from api.postings.schemas import USUAL_LIFE_S, EmbedKeyIn, EmbedKeyOut, NewEmbedKeyOut, RotateIn
from api.postings.signing import MOVES, EmbedKey, KeyState, Visit, derived_secret, verify
from api.postings.tables import EmbedKeyRow, first_use, key_for_change, keys_of, revoke_keys_of
from api.records.repository import Records

MOST_KEYS = 20  # of one posting that are not revoked


class EmbedKeys:
    """The embed keys of every posting. root: the data directory's signing key."""

    def __init__(self, root: str, database: Database, clock: Clock) -> None:
        self._root, self._database, self._clock = root, database, clock

    async def create(self, caller: Caller, posting_id: str, wanted: EmbedKeyIn) -> NewEmbedKeyOut:
        """Make a key with an `embed_id` of its own; raise `NotFound`, and `Conflict` when there are enough."""
        async with self._database.write() as tx:
            await _posting(tx, caller.tenant, posting_id)
            return await self.add(tx, caller, posting_id, wanted.allowed_origins, wanted.life_s)

    async def add(
        self, tx: Transaction, caller: Caller, posting_id: str, origins: Sequence[str] = (), life_s: int = USUAL_LIFE_S
    ) -> NewEmbedKeyOut:
        """Make a key inside a larger transaction; see `create`. origins: none for whichever page is signed for."""
        now = self._clock()
        keys = await keys_of(tx.session, caller.tenant, posting_id)
        if sum(state_of(key, now) is not KeyState.REVOKED for key in keys) >= MOST_KEYS:
            raise Conflict(f"This posting has {MOST_KEYS} embed keys already; revoke one first.", current_status="full")
        embed_id = f"emb_{secrets.token_hex(10)}"
        key = _new(caller.tenant, posting_id, embed_id, list(origins), life_s, now)
        tx.session.add(key)
        audit.record(tx, caller, "embed_key.created", key.kid, at=now)
        return self._shown(key, now)

    async def list_(self, caller: Caller, posting_id: str) -> list[EmbedKeyOut]:
        """Return every key of a posting, newest first; raise `NotFound`."""
        async with self._database.read() as tx:
            await Records(tx.session, caller.tenant, PostingRow, POSTINGS.name).get(posting_id)
            keys = await keys_of(tx.session, caller.tenant, posting_id)
        return [view(key, self._clock()) for key in keys]

    async def rotate(self, caller: Caller, posting_id: str, kid: str, wanted: RotateIn) -> NewEmbedKeyOut:
        """Make a key's successor, with the same `embed_id`; the old one stays good for `overlap_s`.

        Raises `NotFound`, and `Conflict` when the key is not active.
        """
        now = self._clock()
        async with self._database.write() as tx:
            await _posting(tx, caller.tenant, posting_id)
            old = await key_for_change(tx.session, caller.tenant, posting_id, kid)
            _move(old, KeyState.ROTATING, now)
            old.expires_at = min(old.expires_at, now + timedelta(seconds=wanted.overlap_s))
            origins = list(wanted.allowed_origins or old.allowed_origins)
            key = _new(caller.tenant, posting_id, old.embed_id, origins, old.life_s, now)
            tx.session.add(key)
            audit.record(tx, caller, "embed_key.rotated", kid, at=now)
        return self._shown(key, now)

    async def embed(self, caller: Caller, posting_id: str, allowed: bool) -> NewEmbedKeyOut | None:
        """Have pages embed a posting, with a key that takes the place of the one there is, or have none of them do so.

        Raises `NotFound`.
        """
        now = self._clock()
        active = [key for key in await self.list_(caller, posting_id) if key.state is KeyState.ACTIVE]
        if allowed and active:
            return await self.rotate(caller, posting_id, active[0].kid, RotateIn())
        async with self._database.write() as tx:
            await _posting(tx, caller.tenant, posting_id)
            if allowed:
                return await self.add(tx, caller, posting_id)
            await revoke_keys_of(tx.session, caller.tenant, posting_id, now)
            audit.record(tx, caller, "embed_key.revoked", posting_id, at=now)
        return None

    async def revoke(self, caller: Caller, posting_id: str, kid: str) -> None:
        """End a key at once; one that has ended stays so. Raises `NotFound`."""
        now = self._clock()
        async with self._database.write() as tx:
            await _posting(tx, caller.tenant, posting_id)
            key = await key_for_change(tx.session, caller.tenant, posting_id, kid)
            if state_of(key, now) is not KeyState.REVOKED:
                _move(key, KeyState.REVOKED, now)
                key.revoked_at = now
                audit.record(tx, caller, "embed_key.revoked", kid, at=now)

    async def admit(self, tenant: str, posting_id: str, kid: str, visit: Visit, signature: str, origin: str) -> None:
        """Let a signed visit in, once; see `verify`. origin: of the page that embeds, as its browser says.

        Raises `NotFound`, `EmbedRefused`, and `Conflict` when nobody can enter the posting now.
        """
        now = self._clock()
        async with self._database.write() as tx:
            posting = await _posting(tx, tenant, posting_id)
            key = await key_for_change(tx.session, tenant, posting_id, kid)
            verify(visit, signature, self._to_check(key), origin=origin, now=now)
            require_open(posting, now)
            until = datetime.fromtimestamp(visit.exp, now.tzinfo)
            if not await first_use(tx.session, visit.embed_id, visit.nonce, until, now):
                raise EmbedRefused("replayed", "This visit was used before; have your server sign a new one.")

    def _to_check(self, key: EmbedKeyRow) -> EmbedKey:
        return EmbedKey(
            key.embed_id,
            derived_secret(self._root, key.kid, key.salt),
            KeyState(key.state),
            frozenset(key.allowed_origins),
            key.expires_at,
        )

    def _shown(self, key: EmbedKeyRow, now: datetime) -> NewEmbedKeyOut:
        secret = derived_secret(self._root, key.kid, key.salt)
        return NewEmbedKeyOut(**view(key, now).model_dump(), embed_signing_key=secret)


def state_of(key: EmbedKeyRow, now: datetime) -> KeyState:
    """Return where a key stands at `now`: one whose time is up is revoked, though nobody has said so."""
    return KeyState.REVOKED if key.expires_at <= now else KeyState(key.state)


def view(key: EmbedKeyRow, now: datetime) -> EmbedKeyOut:
    """Return a key as callers see it."""
    ended = key.revoked_at or (key.expires_at if key.expires_at <= now else None)
    return EmbedKeyOut(
        embed_id=key.embed_id,
        kid=key.kid,
        state=state_of(key, now),
        allowed_origins=key.allowed_origins,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=ended,
    )


def _new(tenant: str, posting_id: str, embed_id: str, origins: list[str], life_s: int, now: datetime) -> EmbedKeyRow:
    return EmbedKeyRow(
        kid=f"ek_{secrets.token_hex(10)}",
        embed_id=embed_id,
        posting_id=posting_id,
        tenant=tenant,
        salt=secrets.token_hex(32),
        state=KeyState.ACTIVE.value,
        allowed_origins=origins,
        life_s=life_s,
        created_at=now,
        expires_at=now + timedelta(seconds=life_s),
    )


def _move(key: EmbedKeyRow, to: KeyState, now: datetime) -> None:
    state = state_of(key, now)
    if to not in MOVES[state]:
        raise Conflict(f"An embed key that is {state.value} can't become {to.value}.", current_status=state.value)
    key.state = to.value


def require_open(posting: PostingRow, now: datetime) -> None:
    """Raise `Conflict` when nobody can enter the posting at `now`."""
    what = PostingIn.model_validate(posting.body)
    if what.status is not PostingStatus.ACTIVE:
        raise Conflict(f"This posting is {what.status.value}; nobody can enter.", current_status=what.status.value)
    if what.available_until is not None and what.available_until <= now:
        raise Conflict("This posting's time is over; nobody can enter.", current_status=what.status.value)


async def _posting(tx: Transaction, tenant: str, posting_id: str) -> PostingRow:
    return await Records(tx.session, tenant, PostingRow, POSTINGS.name).get_for_change(posting_id)
