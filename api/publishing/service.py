"""What can be done with whole offers: a posting, its template, agent and job. Each method is one transaction."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from api.agents import AGENTS, AgentIn, AgentRow, Product
from api.auth import Caller
from api.database import Database, Transaction
from api.errors import Complaint, Conflict, Invalid, Taken
from api.interviews.library import Library
from api.jobs import JOBS, JobIn, JobRow
from api.moments import Clock
from api.postings import POSTINGS, PostingIn, PostingRow, PostingStatus
from api.postings.embeds import EmbedKeys
from api.postings.tables import keys_of
from api.problems import complaints_of
from api.publishing.position import draft_of, require_runnable
from api.publishing.schemas import Changes, Draft, Offer, Publication, Published
from api.records.repository import Records
from api.records.service import Match, Registry, merge_patch
from api.records.tables import Record
from api.templates import TEMPLATES, TemplateIn, TemplateRow

In = TypeVar("In", bound=BaseModel)
R = TypeVar("R", bound=Record)
KNOWN_AS = "published_as"  # in a posting's metadata: what its request is recognised by
INFERRED = "seniority_inferred"  # in a job's metadata: its seniority was read from its texts


class Publishing:
    """Offers of every tenant; whose is said with each call."""

    def __init__(
        self, database: Database, records: Registry, embed_keys: EmbedKeys, library: Library, clock: Clock
    ) -> None:
        self._database = database
        self._records = records
        self._embed_keys = embed_keys
        self._library = library
        self._clock = clock

    async def publish(self, caller: Caller, wanted: Publication) -> Published:
        """Create a posting with an agent, a template and a job of its own, all of it or nothing.

        With a known `external_ref` and the same request, return the offer there is; raise `Taken` when it differs.
        Raises `Invalid` for a template that is none of the tenant's, and for an active posting that can't be held.
        """
        tenant, ref = caller.tenant, wanted.posting.get("external_ref")
        async with self._database.write() as tx:
            known = await Records(tx.session, tenant, PostingRow, "posting").known_as(ref) if ref else None
            if known is not None:
                if known.body["metadata"].get(KNOWN_AS) != wanted.known_as:
                    raise Taken(f"external_ref {ref!r} is the posting {known.id!r}, whose request differed.", known.id)
                keys = await keys_of(tx.session, tenant, known.id)
                return Published(await self._offer(tx, tenant, known), (), keys[0].embed_id if keys else None)
            source = await _named(tx, tenant, TemplateRow, "template", wanted.template_id)
            skeleton = _made(TemplateIn, _copied(source), wanted.template)
            drafter = await asyncio.to_thread(lambda: self._library.drafter)
            draft = await asyncio.to_thread(draft_of, wanted.position, skeleton, drafter)
            posting = await self._add(tx, tenant, wanted, source, draft)
            key = await self._embed_keys.add(tx, caller, posting.id) if wanted.embedded else None
            offer = await self._offer(tx, tenant, posting)
        warnings = (*draft.warnings, *offer.template.warnings)
        return Published(offer, warnings, key.embed_id if key else None, key)

    async def get(self, tenant: str, posting_id: str) -> Offer:
        """Return an offer; raise `NotFound`."""
        async with self._database.read() as tx:
            posting = await Records(tx.session, tenant, PostingRow, "posting").get(posting_id)
            return await self._offer(tx, tenant, posting)

    async def slice(self, tenant: str, where: Mapping[str, Any], offset: int, limit: int) -> tuple[list[Offer], int]:
        """Return `limit` offers after `offset` of them, newest first, and how many there are. where: filters."""
        before, into = divmod(offset, limit)
        async with self._database.read() as tx:
            postings = Records(tx.session, tenant, PostingRow, "posting")
            rows, total = await postings.page(where, before + 1, limit)
            more = (await postings.page(where, before + 2, limit))[0] if into else ()
            return await self._offers(tx, tenant, [*rows, *more][into : into + limit]), total

    async def change(self, tenant: str, posting_id: str, wanted: Changes) -> Offer:
        """Merge patches into an offer's records.

        Raises `NotFound`, `Invalid`, `Taken`, and `Conflict` where another posting uses the record that is to change.
        """
        async with self._database.write() as tx:
            posting = await Records(tx.session, tenant, PostingRow, "posting").get_for_change(posting_id)
            offer = await self._offer(tx, tenant, posting)
            if wanted.agent:
                await _require_alone(tx, tenant, TemplateRow.agent_id, offer.agent.id, posting.body["status"])
                _require_coach(offer.agent.product, wanted.agent)
                await self._records.of(AGENTS).alter(tx, tenant, offer.agent.id, dict(wanted.agent), Match())
            if wanted.template:
                await _require_alone(tx, tenant, PostingRow.template_id, offer.template.id, posting.body["status"])
                await self._records.of(TEMPLATES).alter(tx, tenant, offer.template.id, dict(wanted.template), Match())
            if wanted.job and offer.job is not None:
                await _require_alone(tx, tenant, PostingRow.job_id, offer.job.id, posting.body["status"])
                await self._records.of(JOBS).alter(tx, tenant, offer.job.id, dict(wanted.job), Match())
            if wanted.posting:
                await self._records.of(POSTINGS).alter(tx, tenant, posting_id, dict(wanted.posting), Match())
            changed = await self._offer(tx, tenant, posting)
            if changed.posting.status is PostingStatus.ACTIVE:
                require_runnable(changed.template.plan, changed.agent.language)
        return changed

    async def _add(
        self, tx: Transaction, tenant: str, wanted: Publication, source: TemplateRow, draft: Draft
    ) -> PostingRow:
        lead = await _named(tx, tenant, AgentRow, "agent", source.agent_id)
        _require_coach(lead.product, wanted.agent)
        agent = await self._records.of(AGENTS).add(tx, tenant, _made(AgentIn, _copied(lead), wanted.agent))
        plan = draft.plan.model_dump(mode="json") if draft.plan else None
        own = {"name": wanted.position.title, "agent_id": agent.id, "plan": plan}
        copied = merge_patch(_copied(source), wanted.template) | own
        template = await self._records.of(TEMPLATES).add(tx, tenant, _made(TemplateIn, copied, {}))
        told: dict[str, Any] = {"description": draft.description}
        if draft.inferred is not None:
            told |= {"seniority": draft.inferred, "metadata": {INFERRED: True}}
        job = await self._records.of(JOBS).add(tx, tenant, _made(JobIn, told, wanted.job))
        metadata = {**wanted.posting.get("metadata", {}), KNOWN_AS: wanted.known_as}
        named = {"template_id": template.id, "job_id": job.id}
        posting = _made(PostingIn, {**wanted.posting, **named, "metadata": metadata}, {})
        if posting.status is PostingStatus.ACTIVE:
            require_runnable(draft.plan, wanted.position.language)
        return await self._records.of(POSTINGS).add(tx, tenant, posting)

    async def _offer(self, tx: Transaction, tenant: str, posting: PostingRow) -> Offer:
        return (await self._offers(tx, tenant, [posting]))[0]

    async def _offers(self, tx: Transaction, tenant: str, postings: Sequence[PostingRow]) -> list[Offer]:
        templates = await _several(tx, tenant, TemplateRow, {one.template_id for one in postings})
        agents = await _several(tx, tenant, AgentRow, {one.agent_id for one in templates.values()})
        jobs = await _several(tx, tenant, JobRow, {one.job_id for one in postings if one.job_id})
        return [
            Offer(
                POSTINGS.view(one),
                TEMPLATES.view(templates[one.template_id]),
                AGENTS.view(agents[templates[one.template_id].agent_id]),
                JOBS.view(jobs[one.job_id]) if one.job_id in jobs else None,
            )
            for one in postings
        ]


def _copied(record: Record) -> dict[str, Any]:
    """A record's content for a copy, which has no name of its owner's yet."""
    return {name: value for name, value in record.body.items() if name != "external_ref"}


def _made(takes: type[In], body: Mapping[str, Any], patch: Mapping[str, Any]) -> In:
    try:
        return takes.model_validate_json(json.dumps(merge_patch(dict(body), dict(patch))))
    except ValidationError as error:
        raise Invalid(*complaints_of(error, "body")) from None


async def _named(tx: Transaction, tenant: str, table: type[Any], what: str, id_: str) -> Any:
    found = await Records(tx.session, tenant, table, what).find(id_)
    if found is None:
        raise Invalid(Complaint(("body", f"{what}_id"), f"there is no {what} {id_!r}", "name one of yours"))
    return found


async def _several(tx: Transaction, tenant: str, table: type[R], ids: Collection[str]) -> dict[str, R]:
    return {row.id: row for row in await Records(tx.session, tenant, table, table.__tablename__).several(ids)}


def _require_coach(before: str, patch: Mapping[str, Any]) -> None:
    """Raise `Invalid` where somebody would become a coach who interviews; coaching is offered by coaches alone."""
    if patch.get("product") == Product.COACHING and before != Product.COACHING:
        raise Invalid(
            Complaint(
                ("body", "product"), "its template is not one for coaching", "name a template of a coaching agent"
            )
        )


async def _require_alone(
    tx: Transaction, tenant: str, column: InstrumentedAttribute[Any], id_: str, status: str
) -> None:
    """Raise `Conflict` unless one record alone names `id_` in `column`: others would change along with it."""
    table = column.class_
    users = select(func.count()).where(column == id_, table.tenant == tenant, table.deleted_at.is_(None))
    if (await tx.session.scalar(users) or 0) > 1:
        raise Conflict(f"{id_!r} is used elsewhere too; change it by its own name.", current_status=status)
