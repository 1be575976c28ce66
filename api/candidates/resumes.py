"""What can be done with résumés."""

import asyncio
from typing import Annotated, Any

import structlog
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.candidates.errors import MOST_BYTES
from api.candidates.extraction import Extracted
from api.candidates.files import ResumeFiles
from api.candidates.quarantine import ReadResume, read_resume
from api.candidates.reader import PageText, PdfReading, PdfText
from api.candidates.tables import CandidateRow, ResumeRow
from api.database import Database
from api.errors import Complaint, NotFound, TooLarge
from api.interviews.schemas import Time
from api.moments import Clock, rfc3339
from api.records.repository import Records

log = structlog.get_logger(__name__)


class Quarantined(BaseModel):
    """Words of a résumé that are hidden, or meant for a model: kept out of its text and of all that is made of it."""

    model_config = ConfigDict(frozen=True)

    page: int
    text: str
    why: str


class ResumeKept(BaseModel):
    """That a résumé was read and kept, without its whole text. bytes: of the file; characters: of its text."""

    model_config = ConfigDict(frozen=True)

    candidate_id: str
    bytes: int
    pages: int
    characters: int
    parsed_at: Time
    extracted: Annotated[
        Extracted, Field(description="What it says, taken apart by rules; empty where they see nothing")
    ]
    quarantine: Annotated[tuple[Quarantined, ...], Field(description="Hidden words and orders to a model, left out")]


class ResumeOut(ResumeKept):
    """A candidate's résumé and what it says. text: of each page, from page 1, without what is under quarantine."""

    text: Annotated[list[PageText], Field(description="The text of each page")]


class Resumes:
    """Résumés of every tenant's candidates: the file on the disk, its text in the database, at most one each."""

    def __init__(self, database: Database, files: ResumeFiles, reading: PdfReading, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._reading = reading
        self._clock = clock

    async def put(self, tenant: str, candidate_id: str, data: bytes) -> ResumeKept:
        """Read a PDF and keep it in place of an earlier one; raise `NotFound`, `TooLarge` or `BadResume`."""
        async with self._database.read() as tx:
            await _candidates(tx.session, tenant).get(candidate_id)
        if len(data) > MOST_BYTES:
            raise TooLarge(
                Complaint(("body", "file"), f"The file holds more than {MOST_BYTES} bytes.", "send a smaller PDF")
            )
        pdf = await self._reading.read(data)  # takes seconds: no transaction is open
        return await self._store(tenant, candidate_id, data, pdf)

    async def put_text(self, tenant: str, candidate_id: str, text: str) -> ResumeKept:
        """Keep a résumé that is text already, in place of an earlier one; raise `NotFound`."""
        async with self._database.read() as tx:
            await _candidates(tx.session, tenant).get(candidate_id)
        return await self._store(tenant, candidate_id, text.encode(), PdfText(pages=(PageText(page=1, text=text),)))

    async def _store(self, tenant: str, candidate_id: str, data: bytes, pdf: PdfText) -> ResumeKept:
        resume = await asyncio.to_thread(read_resume, pdf)
        name = await asyncio.to_thread(self._files.write, candidate_id, data)
        try:
            kept, former = await self._keep(tenant, candidate_id, name, len(data), resume)
        except BaseException:
            self._files.remove(name)
            raise
        if former is not None:
            await asyncio.to_thread(self._files.remove, former)
        log.info("resume_read", candidate_id=candidate_id, pages=len(resume.pages), bytes=len(data))
        return kept

    async def get(self, tenant: str, candidate_id: str) -> ResumeOut:
        """Return a candidate's résumé; raise `NotFound`."""
        async with self._database.read() as tx:
            await _candidates(tx.session, tenant).get(candidate_id)
            row = await _resume(tx.session, tenant, candidate_id)
        return ResumeOut(**_figures(row), text=[PageText.model_validate(page) for page in row.pages])

    async def delete(self, tenant: str, candidate_id: str) -> None:
        """Remove a candidate's résumé, file and text; raise `NotFound`."""
        async with self._database.write() as tx:
            candidate = await _candidates(tx.session, tenant).get_for_change(candidate_id)
            await tx.session.delete(await _resume(tx.session, tenant, candidate_id))
            self._show(candidate, None)
            await asyncio.to_thread(self._files.remove_all, candidate_id)  # before it is said that they are gone

    async def _keep(
        self, tenant: str, candidate_id: str, name: str, size: int, resume: ReadResume
    ) -> tuple[ResumeKept, str | None]:
        async with self._database.write() as tx:
            candidate = await _candidates(tx.session, tenant).get_for_change(candidate_id)
            row = await tx.session.get(ResumeRow, candidate_id)
            former = row.file if row is not None else None
            if row is None:
                row = ResumeRow(candidate_id=candidate_id, tenant=tenant)
                tx.session.add(row)
            row.file, row.bytes = name, size
            row.pages = [page.model_dump() for page in resume.pages]
            row.characters = sum(len(page.text) for page in resume.pages)
            row.extracted = resume.extracted.model_dump(mode="json", by_alias=True)
            row.quarantine = [one.model_dump() for one in resume.quarantine]
            row.parsed_at = self._clock()
            self._show(candidate, row)
        return ResumeKept(**_figures(row)), former

    def _show(self, candidate: CandidateRow, resume: ResumeRow | None) -> None:
        candidate.resume = None
        if resume is not None:
            figures = {"pages": len(resume.pages), "characters": resume.characters}
            candidate.resume = figures | {"parsed_at": rfc3339(resume.parsed_at)}
        candidate.version += 1
        candidate.updated_at = self._clock()


def _candidates(session: AsyncSession, tenant: str) -> Records[CandidateRow]:
    return Records(session, tenant, CandidateRow, "candidate")


async def _resume(session: AsyncSession, tenant: str, candidate_id: str) -> ResumeRow:
    mine = select(ResumeRow).where(ResumeRow.candidate_id == candidate_id, ResumeRow.tenant == tenant)
    row = await session.scalar(mine)
    if row is None:
        raise NotFound("resume of candidate", candidate_id)
    return row


def _figures(row: ResumeRow) -> dict[str, Any]:
    return {
        "candidate_id": row.candidate_id,
        "bytes": row.bytes,
        "pages": len(row.pages),
        "characters": row.characters,
        "parsed_at": row.parsed_at,
        "extracted": row.extracted or {},
        "quarantine": row.quarantine or (),
    }
