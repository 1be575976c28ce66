"""Templates: how interviews of one sort are held and judged, reusable."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.agents import AgentRow, Tone
from api.interviews.tables import InterviewRow
from api.records.fields import Metadata, Reference, Short, plain
from api.records.kinds import Kind, RecordIn, RecordOut, Work
from api.records.references import refuse_if_awaited, refuse_if_used, require
from api.records.tables import ID, Record
from api.templates.conduct import (
    IntegrityCapture,
    Messages,
    ResultView,
    Scoring,
    SessionRecording,
    SkeletonPlan,
    Style,
    Toggles,
)
from api.templates.criteria import Criteria
from bot.spec import Mode

AnyTone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=64),
    AfterValidator(plain),
    Field(description=f"One of {', '.join(Tone)}; any other means {Tone.RELAXED}, and warnings says so"),
]


class TemplateRow(Record):
    """One template."""

    __tablename__ = "template"

    agent_id: Mapped[str] = mapped_column(ID, index=True)
    style: Mapped[str] = mapped_column(String(64))


class TemplateIn(RecordIn):
    """What a template is. plan: the skeleton that an interview's plan is made from."""

    name: Short
    agent_id: Reference
    style: Style = Style.PRE_SCREENING
    mode: Mode = Mode.SOLO
    plan: SkeletonPlan | None = None
    criteria: Criteria = ()
    result_view: ResultView = ResultView.NONE
    integrity_capture: IntegrityCapture | None = None
    session_recording: SessionRecording = SessionRecording.NONE
    messages: Messages = Messages()
    toggles: Toggles = Toggles()
    tone: AnyTone = Tone.RELAXED.value
    scoring: Scoring = Scoring()
    external_ref: Reference | None = None
    metadata: Metadata = Field(default_factory=dict)


class TemplateOut(RecordOut, TemplateIn):
    """A template as it is kept. warnings: what of it is not as it was asked for."""

    tone: Tone
    warnings: tuple[str, ...] = ()


def tone_of(asked: str) -> tuple[Tone, tuple[str, ...]]:
    """Return the tone that is used where `asked` was asked for, with a warning when it is another one."""
    if asked in tuple(Tone):
        return Tone(asked), ()
    known = ", ".join(Tone)
    return Tone.RELAXED, (f"tone {asked!r} is not known, {Tone.RELAXED.value!r} is used instead; known: {known}",)


def _columns(wanted: TemplateIn) -> dict[str, Any]:
    return {"agent_id": wanted.agent_id, "style": wanted.style.value}


def _shows(template: TemplateRow) -> dict[str, Any]:
    tone, warnings = tone_of(template.body["tone"])
    return {"tone": tone, "warnings": warnings}


async def _has_an_agent(work: Work, template: TemplateRow, wanted: TemplateIn) -> None:
    await require(work, "agent_id", "agent", AgentRow, wanted.agent_id)


async def _unused(work: Work, template: TemplateRow, _: None) -> None:
    from api.postings import PostingRow  # which knows templates

    await refuse_if_used(work, "template", template.id, "posting", PostingRow.template_id)
    await refuse_if_awaited(work, "template", template.id, InterviewRow.template_id)


TEMPLATES = Kind(
    "template",
    "templates",
    "tpl",
    TemplateRow,
    TemplateIn,
    TemplateOut,
    columns=_columns,
    filters=("agent_id", "style", "external_ref"),
    rule=_has_an_agent,
    on_delete=_unused,
    shows=_shows,
)
