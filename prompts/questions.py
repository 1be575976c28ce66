"""The question bank: questions by skill, each with follow-ups and a scale of observable behaviour."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from prompts.errors import NotFound
from prompts.files import Document, package, read_yaml

Signal: TypeAlias = Literal["situation", "own_part", "action", "result", "number", "trade_off", "lesson"]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=600)]
Key: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]

TEXT_WORDS, PROBE_WORDS, PROBES, LEVELS = 35, 25, 3, (1, 2, 3, 4, 5)


def _five_levels(anchors: dict[int, str]) -> dict[int, str]:
    if tuple(anchors) != LEVELS:
        raise ValueError("needs the five levels 1, 2, 3, 4 and 5, in this order")
    if len(set(anchors.values())) < len(LEVELS):
        raise ValueError("two levels say the same")
    return anchors


def _short_probes(probes: dict[Signal, str]) -> dict[Signal, str]:
    if len(probes) < PROBES:
        raise ValueError(f"{len(probes)} probes; write at least {PROBES}")
    for signal, probe in probes.items():
        if (words := len(probe.split())) > PROBE_WORDS:
            raise ValueError(f"the probe for {signal} has {words} words; at most {PROBE_WORDS} are allowed")
    return probes


Anchors: TypeAlias = Annotated[dict[int, Text], AfterValidator(_five_levels)]
Probes: TypeAlias = Annotated[dict[Signal, Text], AfterValidator(_short_probes)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BankQuestion(_Frozen):
    """One question of the bank, worded to be spoken.

    measures: what its answer shows, in a few words. probes: a follow-up for each thing an answer may lack.
    anchors: for each level 1-5 what somebody on it does or says.
    """

    id: Key
    version: Annotated[int, Field(ge=1)]
    measures: Text
    text: Text
    rephrase: Text
    expects: Annotated[tuple[Signal, ...], Field(min_length=2)]
    probes: Probes
    anchors: Anchors
    patience: Literal["brief", "normal", "long"] = "normal"
    minutes: Annotated[float, Field(gt=0, le=60)] = 4.0
    max_followups: Annotated[int, Field(ge=0, le=2)] = 2
    terms: tuple[str, ...] = ()

    @field_validator("text", "rephrase")
    @classmethod
    def _short(cls, text: str) -> str:
        if (words := len(text.split())) > TEXT_WORDS:
            raise ValueError(f"{words} words; at most {TEXT_WORDS} can be followed by ear, so shorten it")
        return text

    @model_validator(mode="after")
    def _can_be_followed_up(self) -> "BankQuestion":
        if silent := [signal for signal in self.expects if signal not in self.probes]:
            raise ValueError(f"nothing to ask when {', '.join(silent)} is missing; add the probe or expect less")
        return self


class Skill(_Frozen):
    """A skill or a way of working, and the questions that show it.

    topic: how it is named within a sentence, as in "Next I'd like to talk about …". family: skills that can be judged
    together. also: what else it is called, and the roles it is asked of, by which it is recognised in a job's text.
    anchors: what each level looks like over several questions.
    """

    skill: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    name: Text
    topic: Text
    category: Literal["behavioural", "technical", "role"]
    family: Key | None = None
    about: Text
    also: tuple[Text, ...] = ()
    anchors: Anchors | None = None
    questions: Annotated[tuple[BankQuestion, ...], Field(min_length=1)]


class Family(_Frozen):
    """Skills that can be judged together, with a scale for all of them. topic: as that of a skill."""

    family: Key
    name: Text
    topic: Text
    about: Text
    anchors: Anchors


class _Families(_Frozen):
    families: tuple[Family, ...]


class Bank(_Frozen):
    """All questions, by skill, and the families of skills."""

    skills: tuple[Skill, ...]
    families: tuple[Family, ...] = ()

    @cached_property
    def skill(self) -> Mapping[str, Skill]:
        """Every skill by its id."""
        return {skill.skill: skill for skill in self.skills}

    @cached_property
    def by_id(self) -> Mapping[str, tuple[Skill, BankQuestion]]:
        """Every question with its skill, by the question's id, in the bank's order."""
        return {question.id: (skill, question) for skill in self.skills for question in skill.questions}

    def question(self, question_id: str) -> BankQuestion:
        """Return a question; raises `NotFound`."""
        return self._entry(question_id)[1]

    def skill_of(self, question_id: str) -> Skill:
        """Return the skill that a question belongs to; raises `NotFound`."""
        return self._entry(question_id)[0]

    def search(
        self, *, skill: str | None = None, category: str | None = None, words: str = ""
    ) -> tuple[BankQuestion, ...]:
        """Return the questions of a skill and a category whose text holds all `words`; each filter is optional."""
        wanted = words.lower().split()
        return tuple(
            question
            for owner, question in self.by_id.values()
            if skill in (None, owner.skill)
            and category in (None, owner.category)
            and all(word in f"{owner.name} {question.measures} {question.text}".lower() for word in wanted)
        )

    def _entry(self, question_id: str) -> tuple[Skill, BankQuestion]:
        try:
            return self.by_id[question_id]
        except KeyError:
            raise NotFound("question", question_id, self._near(question_id)) from None

    def _near(self, question_id: str) -> Iterable[str]:
        skill = question_id.partition(".")[0]
        return [known for known in self.by_id if known.startswith(f"{skill}.")] or self.by_id


def load_bank(root: Traversable | None = None) -> Bank:
    """Load the question bank; raises `BadFile` naming file, line and what to do.

    A bank of one's own may do without families.
    """
    root = root or package()
    folder, file = root / "bank", root / "families.yaml"
    families = read_yaml(file).parse(_Families).families if file.is_file() else ()
    known = {family.family for family in families}
    documents = [
        read_yaml(file) for file in sorted(folder.iterdir(), key=lambda file: file.name) if file.name.endswith(".yaml")
    ]
    skills: list[Skill] = []
    seen: dict[str, str] = {}
    for document in documents:
        skill = document.parse(Skill)
        _check_ids(document, skill, seen)
        if skill.family is not None and skill.family not in known:
            raise document.bad(["family"], f"there is no family {skill.family!r} in families.yaml")
        skills.append(skill)
    return Bank(skills=tuple(skills), families=families)


def _check_ids(document: Document, skill: Skill, seen: dict[str, str]) -> None:
    if skill.skill in seen:
        raise document.bad(["skill"], f"{skill.skill!r} is also the skill of {seen[skill.skill]}")
    seen[skill.skill] = document.file
    for index, question in enumerate(skill.questions):
        place = ("questions", index, "id")
        if not question.id.startswith(f"{skill.skill}."):
            raise document.bad(place, f"must begin with the skill: {skill.skill}.{question.id}")
        if question.id in seen:
            raise document.bad(place, f"{question.id!r} stands twice; give each question its own id")
        seen[question.id] = document.file
