"""Agents: who leads an interview, and how it comes across."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.interviews.tables import InterviewRow
from api.languages import Tag, unspoken
from api.records.fields import Facts, Metadata, Reference, Short, Text
from api.records.kinds import Kind, RecordIn, RecordOut, Work
from api.records.references import refuse_if_awaited, refuse_if_used
from api.records.tables import Record

MOST_FOLLOWUPS = 2  # to one question, as in a plan
MOST_FOLLOWUPS_IN_ALL = 80  # two to each of forty questions
MOST_PRONUNCIATIONS = 200

Degree = Annotated[int, Field(strict=True, ge=1, le=5, description="1: hardly, 5: very much")]


class AgentRow(Record):
    """One agent."""

    __tablename__ = "agent"

    product: Mapped[str] = mapped_column(String(16))
    focus: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(40))


class Product(StrEnum):
    """What a conversation is for. Coaching never ends in a recommendation."""

    INTERVIEW = "interview"
    COACHING = "coaching"
    ASSESSMENT = "assessment"


class Focus(StrEnum):
    """What a conversation is to find out."""

    SCREENING = "screening"
    OUTREACH = "outreach"
    GENERIC = "generic"
    LANGUAGE_TEST = "language_test"


class Tone(StrEnum):
    """How things are put. Simple: short sentences, level A2 of the Common European Framework of Reference."""

    RELAXED = "relaxed"
    SIMPLE = "simple"
    PROFESSIONAL = "professional"
    PERSUASIVE = "persuasive"


class Personality(StrEnum):
    """What an agent is like."""

    WARM = "warm"
    NEUTRAL = "neutral"
    FORMAL = "formal"


class Pace(StrEnum):
    """How quickly an agent goes on."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


class Persona(RecordIn):
    """How an agent comes across. exploration: how far it follows what a candidate brings up."""

    personality: Personality = Personality.NEUTRAL
    tone: Tone = Tone.RELAXED
    pace: Pace = Pace.NORMAL
    empathy: Degree = 3
    exploration: Degree = 3
    rapport: Degree = 3


class FollowUps(RecordIn):
    """How often an agent follows up. max_total: in the whole conversation; null: as often as its time allows."""

    max_per_question: Annotated[int, Field(strict=True, ge=0, le=MOST_FOLLOWUPS)] = MOST_FOLLOWUPS
    max_total: Annotated[int, Field(strict=True, ge=0, le=MOST_FOLLOWUPS_IN_ALL)] | None = None


class AgentIn(RecordIn):
    """What an agent is. pronunciation: how words are to be said, by word; cefr: how plainly it is to speak."""

    name: Short
    product: Product = Product.INTERVIEW
    focus: Focus = Focus.SCREENING
    persona: Persona = Persona()
    voice: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] = "default"
    language: Tag = "en"
    cefr: Annotated[str, Field(pattern=r"^[ABC][12]$")] | None = None
    instructions: Text = ""
    facts: Facts = ()
    followup_policy: FollowUps = FollowUps()
    pronunciation: Annotated[dict[Short, Short], Field(max_length=MOST_PRONUNCIATIONS)] = Field(default_factory=dict)
    external_ref: Reference | None = None
    metadata: Metadata = Field(default_factory=dict)


class AgentOut(RecordOut, AgentIn):
    """An agent as it is kept. warnings: what of it can't be had yet."""

    warnings: tuple[str, ...] = ()


def _columns(wanted: AgentIn) -> dict[str, Any]:
    return {"product": wanted.product.value, "focus": wanted.focus.value, "language": wanted.language}


def _shows(agent: AgentRow) -> dict[str, Any]:
    warning = unspoken(agent.language)
    return {"warnings": (warning,) if warning else ()}


async def _unused(work: Work, agent: AgentRow, _: None) -> None:
    from api.templates import TemplateRow  # which knows agents

    await refuse_if_used(work, "agent", agent.id, "template", TemplateRow.agent_id)
    await refuse_if_awaited(work, "agent", agent.id, InterviewRow.agent_id)


AGENTS = Kind(
    "agent",
    "agents",
    "agent",
    AgentRow,
    AgentIn,
    AgentOut,
    columns=_columns,
    filters=("product", "focus", "language", "external_ref"),
    on_delete=_unused,
    shows=_shows,
)
