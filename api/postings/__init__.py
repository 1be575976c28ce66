"""Postings: published templates, which candidates enter by themselves."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer
from sqlalchemy import String, inspect
from sqlalchemy.orm import Mapped, mapped_column

from api.errors import Complaint, Conflict, Invalid
from api.jobs import JobRow
from api.moments import rfc3339
from api.postings.tables import revoke_keys_of
from api.records.fields import Metadata, Reference, Short
from api.records.kinds import Kind, RecordIn, RecordOut, Work
from api.records.references import require
from api.records.tables import ID, Record
from api.templates import TemplateRow

MOST_ATTEMPTS = 20
LATEST = datetime(2200, 1, 1, tzinfo=UTC)  # every database and every offset can hold what is before it


class PostingRow(Record):
    """One posting."""

    __tablename__ = "posting"

    template_id: Mapped[str] = mapped_column(ID, index=True)
    job_id: Mapped[str | None] = mapped_column(ID)
    status: Mapped[str] = mapped_column(String(16))


class PostingStatus(StrEnum):
    """Whether candidates can enter."""

    DRAFT = "draft"
    ACTIVE = "active"
    CLOSED = "closed"


MOVES: Mapping[PostingStatus, frozenset[PostingStatus]] = {
    PostingStatus.DRAFT: frozenset({PostingStatus.ACTIVE, PostingStatus.CLOSED}),
    PostingStatus.ACTIVE: frozenset({PostingStatus.CLOSED}),
    PostingStatus.CLOSED: frozenset({PostingStatus.ACTIVE}),
}


class Visibility(StrEnum):
    """Who finds it. Public: it is listed; invite: only who is invited enters; unlisted: whoever has the link."""

    PUBLIC = "public"
    INVITE = "invite"
    UNLISTED = "unlisted"


def _storable(at: datetime) -> datetime:
    if not datetime(1, 1, 3, tzinfo=UTC) < at < LATEST:
        raise ValueError(f"is not before {LATEST.year}; send a nearer time")
    return at


Until = Annotated[AwareDatetime, AfterValidator(_storable), PlainSerializer(rfc3339, return_type=str)]


class PostingIn(RecordIn):
    """What a posting is. available_until: nobody enters from then on; null: no end."""

    name: Short | None = None
    template_id: Reference
    job_id: Reference | None = None
    status: PostingStatus = PostingStatus.DRAFT
    visibility: Visibility = Visibility.INVITE
    max_attempts: Annotated[int, Field(strict=True, ge=1, le=MOST_ATTEMPTS)] = 1
    available_until: Until | None = None
    cover_image_url: Annotated[str, Field(pattern=r"^https://[!-~]+$", max_length=2000)] | None = None
    external_ref: Reference | None = None
    metadata: Metadata = Field(default_factory=dict)


class PostingOut(RecordOut, PostingIn):
    """A posting as it is kept."""


def _columns(wanted: PostingIn) -> dict[str, Any]:
    return {"template_id": wanted.template_id, "job_id": wanted.job_id, "status": wanted.status.value}


async def _fits(work: Work, posting: PostingRow, wanted: PostingIn) -> None:
    await require(work, "template_id", "template", TemplateRow, wanted.template_id)
    if wanted.job_id is not None:
        await require(work, "job_id", "job", JobRow, wanted.job_id)
    before = PostingIn.model_validate(posting.body) if inspect(posting).persistent else None
    if before is not None and before.status is not wanted.status and wanted.status not in MOVES[before.status]:
        raise Conflict(
            f"A posting that is {before.status.value!r} can't become {wanted.status.value!r}.",
            current_status=before.status.value,
        )
    until = wanted.available_until
    if until is not None and until <= work.now and (before is None or before.available_until != until):
        raise Invalid(Complaint(("body", "available_until"), "is over already", "send a time to come, or leave it out"))


async def _close_embeds(work: Work, posting: PostingRow, _: None) -> None:
    await revoke_keys_of(work.session, posting.tenant, posting.id, work.now)


POSTINGS = Kind(
    "posting",
    "postings",
    "post",
    PostingRow,
    PostingIn,
    PostingOut,
    columns=_columns,
    filters=("status", "job_id", "template_id", "external_ref"),
    rule=_fits,
    on_delete=_close_embeds,
)
