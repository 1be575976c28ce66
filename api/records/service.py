"""What can be done with records. Each method is one transaction."""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError

from api.database import Database, Transaction
from api.errors import Invalid, Stale, Taken
from api.interviews.schemas import Page, PageMeta
from api.moments import Clock
from api.problems import complaints_of
from api.records.kinds import Kind, Work
from api.records.repository import Records, tombstone
from api.records.tables import Record

R = TypeVar("R", bound=Record)
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[Out]):
    """A record as callers see it, and which version of it that is."""

    body: Out
    version: int


class RecordService(Generic[R, In, Out]):
    """Records of one kind, of every tenant; whose is said with each call."""

    def __init__(self, kind: Kind[R, In, Out], database: Database, clock: Clock) -> None:
        self.kind = kind
        self._database = database
        self._clock = clock

    async def create(self, tenant: str, wanted: In) -> Versioned[Out]:
        """Create a record; with a known `external_ref` and the same content, return the one there is.

        Raises `Taken` when that one differs, `Invalid` or `Conflict` by the kind's own rule.
        """
        async with self._database.write() as tx:
            record = await self.add(tx, tenant, wanted)
        return Versioned(self.kind.view(record), record.version)

    async def add(self, tx: Transaction, tenant: str, wanted: In) -> R:
        """Create a record inside a larger transaction; see `create`."""
        records = self._records(tx, tenant)
        body = wanted.model_dump(mode="json")
        if (ref := body.get("external_ref")) and (known := await records.known_as(ref)) is not None:
            if known.body == body:
                return known
            raise Taken(f"external_ref {ref!r} is the {self.kind.name} {known.id!r}, whose content differs.", known.id)
        now = self._clock()
        record = self.kind.table(
            id=f"{self.kind.prefix}_{secrets.token_hex(10)}",
            version=1,
            external_ref=ref,
            body=body,
            created_at=now,
            updated_at=now,
            **self.kind.columns(wanted),
        )
        await self.kind.rule(Work(tx.session, tenant, now), record, wanted)
        try:
            await records.add(record)
        except IntegrityError:  # somebody else was quicker
            raise Taken(f"external_ref {ref!r} was given to another {self.kind.name} just now.") from None
        return record

    async def get(self, tenant: str, id_: str) -> Versioned[Out]:
        """Return a record; raise `NotFound`."""
        async with self._database.read() as tx:
            record = await self._records(tx, tenant).get(id_)
        return Versioned(self.kind.view(record), record.version)

    async def several(self, tenant: str, ids: Collection[str]) -> dict[str, Out]:
        """Return those of `ids` that there are, by their ids."""
        async with self._database.read() as tx:
            rows = await self._records(tx, tenant).several(ids) if ids else ()
        return {row.id: self.kind.view(row) for row in rows}

    async def page(self, tenant: str, where: Mapping[str, Any], page: int, limit: int) -> Page[Out]:
        """Return one page, newest first. where: filters of the kind, by name."""
        async with self._database.read() as tx:
            rows, total = await self._records(tx, tenant).page(where, page, limit)
        return Page(data=[self.kind.view(row) for row in rows], meta=PageMeta.of(page, limit, total))

    async def change(self, tenant: str, id_: str, patch: dict[str, Any], if_match: "Match") -> Versioned[Out]:
        """Merge `patch` into a record (RFC 7396); raise `NotFound`, `Stale`, `Invalid`, `Taken`."""
        async with self._database.write() as tx:
            record = await self.alter(tx, tenant, id_, patch, if_match)
        return Versioned(self.kind.view(record), record.version)

    async def alter(self, tx: Transaction, tenant: str, id_: str, patch: dict[str, Any], if_match: "Match") -> R:
        """Change a record inside a larger transaction; see `change`."""
        record = await self._records(tx, tenant).get_for_change(id_)
        if_match.check(self.kind.name, id_, record.version)
        merged = merge_patch(record.body, patch)
        try:
            wanted = self.kind.takes.model_validate_json(json.dumps(merged))
        except ValidationError as error:
            raise Invalid(*complaints_of(error, "body")) from None
        body = wanted.model_dump(mode="json")
        if body != record.body:
            await self.kind.rule(Work(tx.session, tenant, self._clock()), record, wanted)
            record.body, record.external_ref = body, body.get("external_ref")
            for column, value in self.kind.columns(wanted).items():
                setattr(record, column, value)
            record.version += 1
            record.updated_at = self._clock()
            try:
                await tx.session.flush()
            except IntegrityError:
                raise Taken(f"external_ref {body['external_ref']!r} is another {self.kind.name}'s.") from None
        return record

    async def delete(self, tenant: str, id_: str, if_match: "Match") -> None:
        """Delete a record: gone from every list, its content kept until erasure; raise `NotFound`, `Stale`."""
        async with self._database.write() as tx:
            record = await self._records(tx, tenant).get_for_change(id_)
            if_match.check(self.kind.name, id_, record.version)
            await self.kind.on_delete(Work(tx.session, tenant, self._clock()), record, None)
            tombstone(record, self._clock())

    def _records(self, tx: Transaction, tenant: str) -> Records[R]:
        return Records(tx.session, tenant, self.kind.table, self.kind.name)


class Registry:
    """The record services of every kind."""

    def __init__(self, kinds: Iterable[Kind[Any, Any, Any]], database: Database, clock: Clock) -> None:
        self._services = {kind.name: RecordService(kind, database, clock) for kind in kinds}

    def of(self, kind: Kind[R, In, Out]) -> RecordService[R, In, Out]:
        """Return the service of one kind."""
        return self._services[kind.name]


@dataclass(frozen=True, slots=True)
class Match:
    """What an `If-Match` header asks for. versions: those that will do; None: whatever there is."""

    versions: frozenset[int] | None = None

    def check(self, what: str, id_: str, version: int) -> None:
        """Raise `Stale` unless `version` is one of them."""
        if self.versions is not None and version not in self.versions:
            raise Stale(what, id_, version)


def merge_patch(target: Any, patch: Any) -> Any:
    """Return `target` changed by a JSON merge patch (RFC 7396): null removes, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
