"""What drafting takes and gives."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.jobs import Seniority, Skill
from api.languages import Tag
from api.records.fields import Short, Text, plain

MOST_QUESTIONS = 40
USUAL_QUESTIONS = 8

Prompt = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(plain)
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DraftIn(_In):
    """What an interview should be like, in plain words."""

    prompt: Prompt
    language: Tag = "en"


class GenerateIn(_In):
    """What questions are wanted for. categories: behavioral, technical, role, or skills of the question bank.

    minutes: the whole interview; it leaves room for a question every two minutes.
    """

    title: Short
    job_description: Text
    required_skills: Annotated[list[Skill], Field(max_length=20)]
    experience_level: Annotated[str, StringConstraints(max_length=200), AfterValidator(plain)]
    resume_text: Text | None = None
    question_count: Annotated[int, Field(strict=True, ge=1, le=MOST_QUESTIONS)] = USUAL_QUESTIONS
    categories: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=20)] = []
    language: Tag = "en"
    minutes: Annotated[float, Field(strict=True, gt=0, le=240, allow_inf_nan=False)] | None = None


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


class QuestionOut(BaseModel):
    """A question as the bank has it; id takes it into a plan."""

    id: str
    skill: str
    category: str
    text: str
    measures: str
    expects: list[str]
    minutes: float


class CriterionOut(BaseModel):
    """What is rated, with what each level 1-5 looks like. weights sum to 1."""

    id: str
    name: str
    weight: float
    anchors: dict[int, str]


class SectionOut(BaseModel):
    """Questions that belong together, and how long they take."""

    id: str
    name: str
    minutes: float
    question_ids: list[str]


class DraftOut(BaseModel):
    """An interview that is not saved. POST /v1/interviews takes title, question_ids and minutes as they are.

    What could not be read from the prompt is null, or stands in warnings.
    """

    engine: Literal["structured"] = "structured"
    title: str
    seniority: SeniorityOut | None
    language: str
    minutes: float
    skills: list[SkillOut]
    criteria: list[CriterionOut]
    sections: list[SectionOut]
    questions: list[QuestionOut]
    question_ids: list[str]
    warnings: list[str]


class GeneratedOut(BaseModel):
    """Questions of the bank. capped_by: `minutes` or `bank` where they are fewer than asked for.

    unmatched_skills: required ones that the bank has no questions about.
    """

    engine: Literal["structured"] = "structured"
    title: str
    seniority: SeniorityOut | None
    language: str
    skills: list[SkillOut]
    unmatched_skills: list[str]
    questions: list[QuestionOut]
    questions_generated: int
    capped_by: Literal["minutes", "bank"] | None
    warnings: list[str]
