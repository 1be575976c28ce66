"""What drafting takes and gives."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from api.jobs import Seniority, Skill
from api.languages import Tag
from api.planning.warnings import PlanWarning
from api.records.fields import Short, Text, plain
from api.templates.conduct import Style
from bot.plan import Patience, Plan, Priority

MOST_QUESTIONS = 40
USUAL_QUESTIONS = 8
MOST_DOCUMENTS = 10
MOST_OVERRIDES = 20
# What others call levels of seniority that have another name here.
LEVELS: Mapping[str, Seniority] = {
    "entry-level": Seniority.ENTRY,
    "intermediate": Seniority.MID,
    "managerial": Seniority.MANAGER,
}

Prompt = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(plain)
]
Minutes = Annotated[float, Field(strict=True, gt=0, le=240, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=1, le=MOST_QUESTIONS)]
Level = Annotated[int, Field(ge=1, le=5)]


class DraftingEngine(StrEnum):
    """What makes a draft: rules and the question bank, or a chat model whose answer is checked."""

    STRUCTURED = "structured"
    MODEL = "model"


def _level(value: Any) -> Any:
    return LEVELS.get(value.casefold(), value.casefold()) if isinstance(value, str) else value


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DocumentIn(_In):
    """A text about how things are done. Headings and statements of it become questions."""

    title: Short
    text: Text


class ScoringIn(_In):
    """What differs from the usual for one criterion. weight: its share of the whole; required: it must reach min_level.

    anchors: what one sees at a level; levels that are left out keep theirs.
    """

    weight: Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)] | None = None
    required: Annotated[bool, Field(strict=True)] | None = None
    min_level: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    anchors: dict[Level, Text] = Field(default_factory=dict)


class Wishes(_In):
    """What can be asked for besides. engine: `model` where a chat model is set, else `structured`, unless it is said.

    style, seniority and tone shape what is asked and how; an unknown tone is taken for relaxed. seniority: read from
    the texts where it is left out. resume_text: some questions take up what it says. knowledge: texts about how things
    are done, which some questions are about. candidate_expectations: what is wished of the candidate, in plain words.
    rapport: an easy question to begin with; closing: a last word. scoring: what differs for criteria, by their ids.
    """

    language: Tag = "en"
    engine: DraftingEngine | None = None
    style: Style | None = None
    seniority: Annotated[Seniority, BeforeValidator(_level)] | None = None
    tone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] | None = None
    resume_text: Text | None = None
    knowledge: Annotated[list[DocumentIn], Field(max_length=MOST_DOCUMENTS)] = []
    candidate_expectations: Text | None = None
    rapport: Annotated[bool, Field(strict=True)] = False
    closing: Annotated[bool, Field(strict=True)] = True
    scoring: Annotated[dict[Annotated[str, Field(max_length=64)], ScoringIn], Field(max_length=MOST_OVERRIDES)] = {}
    minutes: Minutes | None = None


class DraftIn(Wishes):
    """What an interview should be like, in plain words: a sentence, or the whole text of a job.

    minutes: the whole interview; read from the prompt where it is left out.
    """

    prompt: Prompt
    question_count: Count | None = None


class GenerateIn(Wishes):
    """What questions are wanted for. categories: behavioral, technical, role, or skills of the question bank.

    minutes: the whole interview; it leaves room for a question every two minutes.
    """

    title: Short
    job_description: Text
    required_skills: Annotated[list[Skill], Field(max_length=20)]
    experience_level: Annotated[str, StringConstraints(max_length=200), AfterValidator(plain)]
    question_count: Count = USUAL_QUESTIONS
    categories: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=20)] = []


class SeniorityOut(BaseModel):
    """How senior somebody is to be. words: those it was read from."""

    level: Seniority
    words: str


class SkillOut(BaseModel):
    """A skill of the question bank. words: those that name it; none where it is asked of everybody."""

    id: str
    name: str
    category: str
    words: list[str]


class ListenFor(BaseModel):
    """What answers sound like: weak as levels 1 and 2 of the anchors, moderate as 3, strong as 4 and 5."""

    weak: list[str]
    moderate: list[str]
    strong: list[str]


class PlainQuestionOut(BaseModel):
    """A question that is asked and not judged."""

    id: str
    text: str


class QuestionOut(PlainQuestionOut):
    """A question. id: of the question bank, unless it was made for this request; because: why it is asked."""

    skill: str
    category: str
    measures: str
    rephrase: str
    expects: list[str]
    probes: dict[str, str]
    anchors: dict[int, str]
    listen_for: ListenFor
    criteria: list[str]
    priority: Priority
    patience: Patience
    minutes: float
    because: str


class CriterionOut(BaseModel):
    """What is rated, with what each level 1-5 looks like. weights sum to 1."""

    id: str
    name: str
    description: str
    weight: float
    required: bool
    min_level: int | None
    anchors: dict[int, str]
    question_ids: list[str]


class SectionOut(BaseModel):
    """Questions that belong together, and how long they take."""

    id: str
    name: str
    minutes: float
    question_ids: list[str]


class MadeOut(BaseModel):
    """What both ways of asking give. plan: all of it, as POST /v1/interviews takes it.

    engine: what made it; fallback_reason: why it was not the one asked for. question_ids of sections and criteria leave
    out what is not judged: that is in rapport, opening and closing. because: what was used for what, in sentences.
    plan_warnings: what POST /v1/plans/lint says about the plan.
    """

    engine: DraftingEngine = DraftingEngine.STRUCTURED
    fallback_reason: str | None = None
    title: str
    seniority: SeniorityOut | None
    language: str
    skills: list[SkillOut]
    criteria: list[CriterionOut]
    sections: list[SectionOut]
    questions: list[QuestionOut]
    rapport: PlainQuestionOut | None
    opening: list[PlainQuestionOut]
    closing: PlainQuestionOut | None
    plan: Plan
    because: list[str]
    warnings: list[str]
    plan_warnings: list[PlanWarning] = []


class DraftOut(MadeOut):
    """An interview that is not saved. POST /v1/interviews takes its plan, or title, question_ids and minutes.

    question_ids: those questions that the question bank has. What could not be read from the prompt is null, or stands
    in warnings.
    """

    minutes: float
    question_ids: list[str]


class GeneratedOut(MadeOut):
    """Questions for a job. capped_by: `minutes` or `bank` where they are fewer than asked for.

    unmatched_skills: required ones that the bank has no questions about.
    """

    unmatched_skills: list[str]
    questions_generated: int
    capped_by: Literal["minutes", "bank"] | None
