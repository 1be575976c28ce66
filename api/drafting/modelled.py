"""The model engine: a chat model drafts, and what it wrote is checked before it becomes a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from api.agents import Tone
from api.drafting import answering
from api.drafting.answers import DraftedCriterion, DraftedInterview, DraftedQuestion, faults
from api.drafting.choosing import (
    MINUTES_PER_QUESTION,
    OPENING_MINUTES,
    PLAIN_MINUTES,
    USUAL_QUESTION_MINUTES,
    budget,
)
from api.drafting.judging import scored
from api.drafting.planning import (
    CLOSING,
    CLOSING_ID,
    CLOSING_NAME,
    LEAST_MINUTES,
    MOST_MINUTES,
    OPENING,
    OPENING_NAME,
    RAPPORT_ID,
    Note,
    Planned,
    floored,
)
from api.drafting.reading import left_out, readable
from api.drafting.schemas import (
    MOST_QUESTIONS,
    DraftIn,
    DraftingEngine,
    DraftOut,
    GeneratedOut,
    GenerateIn,
    MadeOut,
    ScoringIn,
    SeniorityOut,
    Wishes,
)
from api.drafting.suggesting import USUAL_MINUTES, seniority_of
from api.drafting.vocabulary import count_in, minutes_in
from api.languages import primary, unspoken
from api.model import Model, Provenance
from api.templates import tone_of
from bot.interview.off_limits import of_the_work
from bot.plan import Criterion, Plan, Priority, Question, Section
from prompts import load_prompt, load_shapes

WRITTEN = "Written by a chat model for what was asked for."
WEAK, MODERATE, STRONG = 2, 3, 4  # the levels that a question's three descriptions stand for
FEWEST_QUESTIONS = 2

Made = TypeVar("Made", bound=MadeOut)


@dataclass(frozen=True, slots=True)
class _Order:
    """What a model is asked for. room: minutes for all judged questions; least, most: how many of them."""

    request: str
    minutes: float
    room: float
    least: int
    most: int
    categories: tuple[str, ...] = ()


class ModelDrafter:
    """Drafts by asking a chat model; the answer is repaired once by the client, and never used unchecked."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._styles = load_shapes().styles
        self._prompt = load_prompt("draft_interview")

    async def draft(self, wanted: DraftIn) -> DraftOut:
        """Return a whole interview; raise `ModelFailed`, and `Invalid` for scoring that can't be."""
        prompt, dropped = readable(wanted.prompt)
        minutes = wanted.minutes or minutes_in(prompt) or USUAL_MINUTES
        room = budget(minutes)
        count = wanted.question_count or count_in(prompt)
        most = count or max(FEWEST_QUESTIONS, min(MOST_QUESTIONS, int(room / MINUTES_PER_QUESTION)))
        order = _Order(prompt, minutes, room, count or FEWEST_QUESTIONS, most)
        answer, provenance = await self._ask(wanted, order)
        planned = _planned(answer, order, wanted, None)
        common = self._common(wanted, answer, prompt, provenance, left_out(dropped, "the prompt"))
        return _by_model(answering.draft(planned, [], *common))

    async def generate(self, wanted: GenerateIn) -> GeneratedOut:
        """Return questions for a job; raise as `draft`."""
        description, dropped = readable(wanted.job_description)
        count = wanted.question_count
        minutes = wanted.minutes or min(MOST_MINUTES, OPENING_MINUTES + count * USUAL_QUESTION_MINUTES)
        room = budget(minutes)
        fitting = min(count, max(1, int(room / MINUTES_PER_QUESTION)))
        skills = ", ".join(wanted.required_skills)
        request = f"{wanted.title}\n{wanted.experience_level}\nRequired: {skills}\n\n{description}"
        order = _Order(request, minutes, room, fitting, fitting, tuple(wanted.categories))
        answer, provenance = await self._ask(wanted, order)
        planned = _planned(answer, order, wanted, wanted.title)
        level = f"{wanted.experience_level}\n{wanted.title}"
        common = self._common(wanted, answer, level, provenance, left_out(dropped, "the job's description"))
        unmatched = [skill for skill in wanted.required_skills if not _mentions(answer, skill)]
        capped_by: Literal["minutes"] | None = "minutes" if fitting < count else None
        return _by_model(answering.generated(planned, [], *common, unmatched, capped_by))

    async def _ask(self, wanted: Wishes, order: _Order) -> tuple[DraftedInterview, Provenance]:
        must_judge = frozenset(wanted.scoring)
        answer = await self._model.ask(
            self._prompt,
            DraftedInterview,
            check=lambda found: faults(
                found, order.room, order.least, order.most, must_judge, primary(wanted.language)
            ),
            language=primary(wanted.language),
            wishes=self._wishes(wanted, order),
            must_judge=sorted(must_judge),
            request=order.request,
            expectations=readable(wanted.candidate_expectations or "")[0],
            resume=of_the_work(readable(wanted.resume_text or "")[0], "en"),
            documents=[f"{one.title}: {readable(one.text)[0]}" for one in wanted.knowledge],
        )
        return answer.value, answer.provenance

    def _wishes(self, wanted: Wishes, order: _Order) -> list[str]:
        tone = tone_of(wanted.tone.casefold())[0] if wanted.tone else Tone.RELAXED
        count = f"{order.least}" if order.least == order.most else f"{order.least} to {order.most}"
        wishes = [
            f"Questions: {count}, in all sections together.",
            f"Minutes for all questions together: {order.room:g}.",
        ]
        if wanted.seniority is not None:
            wishes.append(f"Seniority: {wanted.seniority.value}.")
        if wanted.style is not None:
            wishes.append(f"The interview is about {self._styles[wanted.style.value].about}.")
        if order.categories:
            wishes.append(f"Ask only about: {', '.join(order.categories)}.")
        return [*wishes, f"Tone: {tone.value}."]

    def _common(
        self, wanted: Wishes, answer: DraftedInterview, level: str, provenance: Provenance, warnings: Sequence[str]
    ) -> tuple[SeniorityOut | None, list[str], list[str]]:
        """Seniority, what was used for what, and warnings."""
        seniority = seniority_of(wanted, level)
        if seniority is None and answer.seniority is not None:
            seniority = SeniorityOut(level=answer.seniority, words="")
        repaired = ", at the second try" if provenance.repaired else ""
        because = [f"Written by the chat model {provenance.model!r} after {provenance.prompt}{repaired}."]
        because += [f"Scoring of {name}: as it was sent." for name in wanted.scoring]
        mute = unspoken(wanted.language)
        odd = tone_of(wanted.tone.casefold())[1] if wanted.tone else ()
        return seniority, because, [*warnings, *odd, *([f"{mute[0].upper()}{mute[1:]}."] if mute else [])]


def _by_model(made: Made) -> Made:
    return made.model_copy(update={"engine": DraftingEngine.MODEL})


def _planned(answer: DraftedInterview, order: _Order, wanted: Wishes, title: str | None) -> Planned:
    share = min(1.0, order.room / sum(question.minutes for question in answer.questions))
    numbered = {id(question): f"q-{number}" for number, question in enumerate(answer.questions, 1)}
    sections = [
        Section(
            id=f"section-{number}",
            name=section.name,
            questions=tuple(
                _question(question, numbered[id(question)], share, wanted.scoring) for question in section.questions
            ),
        )
        for number, section in enumerate(answer.sections, 1)
    ]
    plan = Plan(
        title=title or answer.title,
        minutes=order.minutes,
        language=primary(wanted.language),
        criteria=scored(
            [_criterion(one) for one in answer.criteria],
            {one.id: one.weight for one in answer.criteria},
            wanted.scoring,
        ),
        sections=(
            *(_plain(OPENING, OPENING_NAME, RAPPORT_ID, answer.opening) if wanted.rapport else ()),
            *sections,
            *(_plain(CLOSING, CLOSING_NAME, CLOSING_ID, answer.closing) if wanted.closing else ()),
        ),
    )
    notes = {
        numbered[id(question)]: Note(question.criterion, question.kind, question.measures, WRITTEN)
        for question in answer.questions
    }
    return Planned(plan, notes, ())


def _criterion(drafted: DraftedCriterion) -> Criterion:
    anchors = dict(enumerate(drafted.anchors, 1))
    return Criterion(id=drafted.id, name=drafted.name, description=drafted.description, anchors=anchors)


def _question(drafted: DraftedQuestion, id_: str, share: float, scoring: Mapping[str, ScoringIn]) -> Question:
    own = {WEAK: drafted.weak, MODERATE: drafted.moderate, STRONG: drafted.strong}
    judged_anew = drafted.criterion in scoring and scoring[drafted.criterion].anchors
    return Question(
        id=id_,
        text=drafted.text,
        rephrase=drafted.rephrase,
        criteria=(drafted.criterion,),
        expects=tuple(dict.fromkeys(drafted.expects)),
        probes={probe.lacks: probe.text for probe in reversed(drafted.probes)},
        priority=Priority.OPTIONAL if drafted.optional else Priority.CORE,
        minutes=max(LEAST_MINUTES, floored(drafted.minutes * share)),
        anchors={} if judged_anew else own,
    )


def _plain(section: str, name: str, id_: str, text: str) -> tuple[Section]:
    question = Question(
        id=id_, text=text, expects=(), max_followups=0, priority=Priority.OPTIONAL, minutes=PLAIN_MINUTES
    )
    return (Section(id=section, name=name, questions=(question,)),)


def _mentions(answer: DraftedInterview, skill: str) -> bool:
    written = [
        *(one.name for one in answer.criteria),
        *(text for one in answer.questions for text in (one.text, one.measures)),
    ]
    return skill.casefold() in " ".join(written).casefold()
