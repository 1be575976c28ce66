"""What the import of a transcript does: an attempt without a bot, told of as its bot would have told of it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from api import audit
from api.auth import Caller
from api.consents.repository import Answer, ConsentRepository
from api.consents.schemas import ConsentKind
from api.consents.service import require_consent
from api.database import Database, Transaction
from api.errors import Complaint, Conflict, ConsentNotStated, Invalid
from api.events.publisher import Publisher
from api.importing import Said
from api.importing.imported import Imported, imported
from api.importing.reading import bounded_turns, format_of, read
from api.importing.roles import Wanted
from api.importing.schemas import ConsentIn, ImportTranscript
from api.interviews.attempts import numbered_attempt
from api.interviews.intake import Intake
from api.interviews.ledger import Ledger
from api.interviews.plans import waits_for_approval
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.states import STARTABLE, AttemptKind, Status
from api.interviews.tables import InterviewRow
from api.moments import Clock
from bot.interview import Role
from bot.plan import Plan

log = structlog.get_logger(__name__)

TURNS = "turns"  # the format of a list that came as such
EPOCH = 1


class TranscriptImports:
    """Imports into every tenant's interviews. bell: rung when there is something to evaluate."""

    def __init__(self, database: Database, publisher: Publisher, bell: asyncio.Event, clock: Clock) -> None:
        self._database = database
        self._publisher = publisher
        self._bell = bell
        self._clock = clock

    async def take(self, caller: Caller, interview_id: str, wanted: ImportTranscript) -> None:
        """Keep a transcript as another attempt, which is evaluated as one after a call.

        Raises `NotFound`, `Conflict` once a bot is or was at it, `NoConsent`, `BadTranscript`, `TooLarge`, `Invalid`.
        """
        async with self._database.read() as tx:
            row = await InterviewRepository(tx.session, caller.tenant).get(interview_id)
            consent = await self._admitted(tx, row, wanted)
        meeting = await asyncio.to_thread(_meeting, row, wanted)  # takes a second for a long one: nobody waits for it
        async with self._database.write() as tx:
            found = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            await self._admitted(tx, found, wanted)
            if found.plan != row.plan:
                raise Conflict("Its plan was changed just now; import it again.", current_status=found.status)
            await self._agreed(tx, found, consent)
            await self._keep(tx, found, meeting, wanted.recorded_at)
            audit.record(tx, caller, "transcript.imported", interview_id, at=self._clock())
        self._bell.set()
        log.info("transcript_imported", interview=interview_id, turns=len(meeting.turns))

    async def _admitted(self, tx: Transaction, row: InterviewRow, wanted: ImportTranscript) -> ConsentIn:
        if Status(row.status) not in STARTABLE:
            raise Conflict(
                f"An interview that is {row.status!r} takes no transcript; after a call make another attempt first.",
                current_status=row.status,
            )
        if await waits_for_approval(tx.session, row.id):
            raise Conflict("Its plan waits for approval.", current_status=row.status)
        if wanted.consent is None:
            raise ConsentNotStated(ConsentKind.AI_EVALUATION.value, current_status=row.status)
        for where, at in ((("consent", "at"), wanted.consent.at), (("recorded_at",), wanted.recorded_at)):
            if at is not None and at > self._clock():
                raise Invalid(Complaint(("body", *where), "lies in the future", "send when it was"))
        return wanted.consent

    async def _agreed(self, tx: Transaction, row: InterviewRow, consent: ConsentIn) -> None:
        """Keep what the candidate answered; raise `NoConsent` when that, or what was said before, is a no."""
        answer = Answer(Role.CANDIDATE, Role.CANDIDATE, consent.method, consent.given, consent.at, consent.notice)
        await ConsentRepository(tx.session, row.tenant).keep(row.id, answer, (ConsentKind.AI_EVALUATION,))
        await tx.session.flush()
        await require_consent(tx, row, ConsentKind.AI_EVALUATION)

    async def _keep(self, tx: Transaction, row: InterviewRow, meeting: Imported, begun: datetime | None) -> None:
        now = self._clock()
        attempt = await numbered_attempt(tx.session, row, now, AttemptKind.IMPORTED)
        ledger, runs = Ledger(tx, row, self._publisher), RunRepository(tx.session)
        intake = Intake(ledger, attempt, runs, ConsentRepository(tx.session, row.tenant), now)
        for number, event in enumerate(meeting.events, 1):
            at = now if begun is None else min(now, begun + timedelta(milliseconds=event.at_ms))
            await intake.take(event.type, event.data, at, n=number, epoch=EPOCH, at_ms=event.at_ms)
        if ledger.status is Status.DRAFT:
            ledger.move(Status.READY, now)
        row.started_at, row.ended_at = begun, attempt.ended_at
        ledger.move(Status.EVALUATING, now, AttemptKind.IMPORTED.value)


def _meeting(row: InterviewRow, wanted: ImportTranscript) -> Imported:
    said: Sequence[Said]
    if wanted.content is None:
        said, format = bounded_turns(wanted.turns or ()), TURNS
    else:
        chosen = wanted.format or format_of(wanted.content)
        said, format = read(wanted.content, chosen), chosen.value
    who = Wanted(wanted.candidate, wanted.interviewers, row.candidate_name)
    return imported(said, Plan.model_validate(row.plan), who, format)
