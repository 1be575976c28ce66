"""What the copilot may answer from: the transcript so far, the plan, the résumé, and where the interview stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.candidates.tables import ResumeRow
from api.copilot.tables import PanelRow
from api.evaluation.transcript import SENTENCE, Quote, Turn, read_turns
from api.interviews.repository import InterviewRepository
from api.interviews.tables import AttemptRow, InterviewRow, TurnRow
from bot.interview import Role
from bot.interview.off_limits import is_off_limits, of_the_work
from bot.plan import Plan

MOST_RESUME = 40_000  # characters
LONGEST_LINE = 400  # of a résumé that has no line breaks


class Source(StrEnum):
    """Where something stands."""

    TRANSCRIPT = "transcript"
    PLAN = "plan"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Passage:
    """Words as they stand in a source. before: what they answer; quote, speaker: of the transcript's alone."""

    source: Source
    text: str
    before: str = ""
    quote: Quote | None = None
    speaker: str | None = None
    role: str | None = None

    def told(self) -> dict[str, Any]:
        """As the panel is told."""
        turn, start = (None, None) if self.quote is None else (self.quote.turn.seq, self.quote.start_ms)
        return {
            "source": self.source.value,
            "turn": turn,
            "speaker": self.speaker,
            "text": self.text,
            "start_ms": start,
        }


@dataclass(frozen=True, slots=True)
class Material:
    """Everything an answer may come from. speakers: by `seq` of the turn; resume: its lines, without private ground.

    states: of each criterion by id; asked: ids of the questions that were put; left_s: None while it is not known.
    """

    language: str
    candidate: str
    plan: Plan
    turns: tuple[Turn, ...] = ()
    speakers: Mapping[int, str] = field(default_factory=dict)
    resume: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    left_s: int | None = None

    def passages(self) -> Iterator[Passage]:
        """Everything that can be quoted, each sentence by itself; what a candidate told of private ground is not."""
        yield from self.said()
        for question in self.plan.questions:
            yield Passage(Source.PLAN, question.text)
        yield from (Passage(Source.PLAN, fact) for fact in self.plan.facts)
        yield from (Passage(Source.PLAN, one.description or one.name, before=one.name) for one in self.plan.criteria)
        yield from (Passage(Source.RESUME, line) for line in self.resume)

    def said(self) -> Iterator[Passage]:
        """The sentences of the transcript, in their order."""
        asked = ""
        for turn in self.turns:
            for found in SENTENCE.finditer(turn.text):
                sentence = found[0].strip()
                if of_the_work(sentence, self.language):
                    quote = Quote(turn, found.start(), sentence)
                    speaker = self.speakers.get(turn.seq)
                    before = asked if turn.role == Role.CANDIDATE else ""
                    yield Passage(Source.TRANSCRIPT, sentence, before, quote, speaker, turn.role)
            if turn.role != Role.CANDIDATE:
                asked = turn.text

    @property
    def reached_ms(self) -> int:
        """How far the call has come, as the transcript tells."""
        return max((turn.end_ms for turn in self.turns), default=0)


async def material(session: AsyncSession, tenant: str, interview_id: str) -> Material:
    """Return what there is to answer from now; raise `NotFound`."""
    interviews = InterviewRepository(session, tenant)
    interview = await interviews.get(interview_id)
    attempt = await interviews.newest_attempt(interview_id)
    rows = await interviews.turns(attempt.id) if attempt is not None else ()
    events = await interviews.telling_events(attempt.id) if attempt is not None else ()
    states, left_s = await _ledger(session, attempt) if attempt is not None else ({}, None)
    return Material(
        language=interview.language,
        candidate=interview.candidate_name,
        plan=Plan.model_validate(interview.plan),
        turns=tuple(read_turns([_turn(row) for row in rows])),
        speakers={row.seq: row.speaker for row in rows},
        resume=await _resume(session, tenant, interview),
        states=states,
        asked=frozenset(str(one.data.get("question_id")) for one in events if one.type == "question.asked"),
        left_s=left_s,
    )


async def _ledger(session: AsyncSession, attempt: AttemptRow) -> tuple[Mapping[str, str], int | None]:
    """Where each criterion stands, and how much time is left, as the panel was last told in this attempt."""
    told = select(PanelRow.type, PanelRow.data).where(
        PanelRow.interview_id == attempt.interview_id, PanelRow.type.in_(("coverage.updated", "time.updated"))
    )
    if attempt.number > 1:  # by the bot's clock, which is not ours: looked at only where there is another try's
        told = told.where(PanelRow.at >= attempt.created_at)
    states: dict[str, str] = {}
    left_s: int | None = None
    for type_, data in await session.execute(told.order_by(PanelRow.seq)):
        if type_ == "coverage.updated":
            states[str(data.get("criterion_id"))] = str(data.get("state"))
        elif isinstance(data.get("left_s"), int):
            left_s = data["left_s"]
    return states, left_s


def _turn(row: TurnRow) -> Mapping[str, Any]:
    return {
        name: getattr(row, name) for name in ("seq", "role", "text", "start_ms", "end_ms", "question_id", "confidence")
    }


async def _resume(session: AsyncSession, tenant: str, interview: InterviewRow) -> tuple[str, ...]:
    if interview.candidate_id is None:
        return ()
    mine = select(ResumeRow.pages).where(ResumeRow.candidate_id == interview.candidate_id, ResumeRow.tenant == tenant)
    pages: Sequence[Mapping[str, Any]] = await session.scalar(mine) or ()
    text = "\n".join(str(page.get("text", "")) for page in pages)[:MOST_RESUME]
    return tuple(_lines(text, interview.language))


def _lines(text: str, language: str) -> Iterator[str]:
    for line in text.splitlines():
        for at in range(0, len(line), LONGEST_LINE):
            piece = line[at : at + LONGEST_LINE].strip()
            if len(piece.split()) > 1 and not is_off_limits(piece, language):
                yield piece
