"""The structured engine: from a request to an interview or questions, by rules and the question bank alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.agents import Tone
from api.drafting import answering
from api.drafting.choosing import Chosen, budget, choose, fit, in_turn, mixed, ranked, spread
from api.drafting.personal import from_documents, from_resume
from api.drafting.planning import framing_of, needed, plan_of
from api.drafting.reading import left_out, readable
from api.drafting.schemas import DraftIn, DraftOut, GeneratedOut, GenerateIn, SeniorityOut, Wishes
from api.drafting.shaping import Shape, shape_of
from api.drafting.vocabulary import Recognised, Vocabulary, count_in, minutes_in, seniority_in, title_in
from api.errors import Complaint, Invalid
from api.templates import tone_of
from api.templates.conduct import Style
from prompts import Bank, Shapes

USUAL_MINUTES = 30
BANK_LANGUAGE = "en"
ALIASES = {"behavioral": "behavioural"}
UNREAD_TITLE = "Interview"
EXPECTED = "Expectations of the candidate"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request comes down to. because: what was used for what; warnings: what had no effect."""

    skills: list[Recognised]
    seniority: SeniorityOut | None
    shape: Shape
    because: tuple[str, ...]
    warnings: tuple[str, ...]


class StructuredDrafter:
    """Makes interviews of the question bank: the same request gets the same ones. Every method is pure."""

    def __init__(self, vocabulary: Vocabulary, shapes: Shapes) -> None:
        self.vocabulary = vocabulary
        self._shapes = shapes

    @property
    def bank(self) -> Bank:
        """The question bank."""
        return self.vocabulary.bank

    def draft(self, wanted: DraftIn) -> DraftOut:
        """Return an interview made of what a text asks for; raise `Invalid` for a language the bank has not."""
        require_language(wanted.language)
        prompt, dropped = readable(wanted.prompt)
        recognised = self.vocabulary.skills_in(f"{prompt}\n{_expected(wanted)}")
        asked = self._asked(wanted, prompt, recognised, left_out(dropped, "the prompt"))
        minutes = wanted.minutes or minutes_in(prompt) or USUAL_MINUTES
        room = budget(minutes, len(asked.shape.plain))
        skills = spread(ranked(asked.skills, self.bank, frozenset(), asked.shape), self.bank, room, asked.shape)
        count = wanted.question_count or count_in(prompt)
        chosen = fit(self._sequence(wanted, skills, asked.shape), room, count)
        title = title_in(prompt)
        planned = plan_of(
            title or UNREAD_TITLE,
            minutes,
            chosen,
            self.bank,
            asked.shape,
            framing=framing_of(asked.shape, wanted.rapport, wanted.closing),
            scoring=wanted.scoring,
            optional=True,
        )
        warnings = [*asked.warnings, *_no_time_for(recognised, chosen)]
        if title is None:
            warnings.append("The prompt names no role; the title is a general one.")
        if not recognised:
            warnings.append("The prompt names no skill of the question bank; these are questions for everybody.")
        return answering.draft(planned, recognised, asked.seniority, asked.because, warnings)

    def generate(self, wanted: GenerateIn) -> GeneratedOut:
        """Return questions for a job; raise `Invalid` for a language or category the bank has not."""
        require_language(wanted.language)
        categories = _categories(wanted.categories, self.bank)
        description, dropped = readable(wanted.job_description)
        required = {skill: self.vocabulary.skills_in(skill) for skill in wanted.required_skills}
        text = f"{wanted.title}\n{description}\n{'. '.join(wanted.required_skills)}\n{_expected(wanted)}"
        in_resume = self.vocabulary.skills_in(readable(wanted.resume_text or "")[0])
        recognised = _first_what_both_name(self.vocabulary.skills_in(text), required.values(), in_resume)
        level = f"{wanted.experience_level}\n{wanted.title}"
        asked = self._asked(wanted, level, recognised, left_out(dropped, "the job's description"))
        skills = ranked(recognised, self.bank, categories, asked.shape)
        sequence = [
            one
            for one in self._sequence(wanted, skills, asked.shape)
            if not categories or categories & {one.skill.category, one.skill.skill}
        ]
        choice = choose(sequence, wanted.question_count, wanted.minutes)
        planned = plan_of(
            wanted.title,
            wanted.minutes or needed(choice.questions, asked.shape),
            choice.questions,
            self.bank,
            asked.shape,
            framing=framing_of(asked.shape, wanted.rapport, wanted.closing),
            scoring=wanted.scoring,
            optional=False,
        )
        unmatched = [skill for skill, found in required.items() if not found]
        lacking = [f"The question bank has nothing about {skill!r}; add a question of your own." for skill in unmatched]
        named = {one.skill.category for one in recognised} | {one.skill.skill for one in recognised}
        general = {one.skill.category for one in skills if one.skill.skill in asked.shape.general} - {
            *asked.shape.first
        }
        lacking += [
            f"The job names nothing of the category {category!r}; its questions may have nothing to do with the job."
            for category in sorted(categories - named - general - self.bank.skill.keys())
        ]
        return answering.generated(
            planned,
            recognised,
            asked.seniority,
            asked.because,
            [*asked.warnings, *lacking],
            unmatched,
            choice.capped_by,
        )

    def _asked(self, wanted: Wishes, level: str, recognised: list[Recognised], warnings: Sequence[str]) -> _Asked:
        tone, odd = tone_of(wanted.tone.casefold()) if wanted.tone else (Tone.RELAXED, ())
        seniority = seniority_of(wanted, level)
        shape = shape_of(self._shapes, wanted.style, tone, seniority.level if seniority else None)
        because = []
        if seniority is not None:
            because.append(f"Seniority {seniority.level.value}: which ways of working are asked about, and how deep.")
        if wanted.style is not None:
            because.append(f"Style {wanted.style.value}: {self._shapes.styles[wanted.style.value].about}.")
        if wanted.tone:
            because.append(f"Tone {tone.value}: how questions are put.")
        if wanted.candidate_expectations:
            because.append(f"{EXPECTED}: skills named there are asked about.")
        because += [f"Scoring of {name}: as it was sent." for name in wanted.scoring]
        return _Asked(recognised, seniority, shape, tuple(because), (*warnings, *odd, *self._unused(wanted)))

    def _unused(self, wanted: Wishes) -> list[str]:
        """What was sent and has nothing that could be asked about."""
        unused = [
            warning
            for document in wanted.knowledge
            for warning in left_out(readable(document.text)[1], f"document {document.title!r}")
        ]
        unused += left_out(readable(wanted.resume_text or "")[1], "the résumé")
        if wanted.knowledge and not from_documents(wanted.knowledge, self._shapes):
            unused.append("The documents have no heading and no rule that a question could be made of.")
        if wanted.style is Style.KNOWLEDGE_BASE and not wanted.knowledge:
            unused.append("There is no document to ask about; send some as knowledge. These are questions of the bank.")
        return unused

    def _sequence(self, wanted: Wishes, skills: Sequence[Recognised], shape: Shape) -> Iterable[Chosen]:
        """Yield every question that could be asked, the most wanted first."""
        bank = in_turn(skills, shape)
        process = from_documents(wanted.knowledge, self._shapes)
        of_style = [
            Chosen(self.bank.skill[one.skill], one, (), "A question of the style.")
            for one in shape.asks
            if one.skill in self.bank.skill
        ]
        named = [one for one in skills if one.words]
        personal = from_resume(wanted.resume_text or "", named, self.vocabulary, self._shapes, shape.tone)
        if wanted.style is Style.KNOWLEDGE_BASE:
            return mixed(process, mixed(bank, personal))
        return mixed(bank, [*of_style, *personal, *process])


def require_language(language: str) -> None:
    """Raise `Invalid` for a language that the question bank is not worded in."""
    if language.split("-")[0] != BANK_LANGUAGE:
        raise Invalid(
            Complaint(
                ("body", "language"),
                f"the question bank is not worded in {language!r}",
                f"send {BANK_LANGUAGE}, or give a plan in that language instead",
            )
        )


def _no_time_for(recognised: Sequence[Recognised], chosen: Sequence[Chosen]) -> list[str]:
    asked = {one.skill.skill for one in chosen}
    left = [one.skill.name for one in recognised if one.skill.skill not in asked]
    return [f"There is no time for: {', '.join(left)}. Give it more minutes, or ask about less."] if left else []


def _expected(wanted: Wishes) -> str:
    return readable(wanted.candidate_expectations or "")[0]


def _first_what_both_name(
    recognised: Sequence[Recognised], required: Iterable[Sequence[Recognised]], in_resume: Sequence[Recognised]
) -> list[Recognised]:
    """Required skills before others; of those alike, what the résumé names too. It adds no skill of its own."""
    needed = {one.skill.skill for found in required for one in found}
    known = {one.skill.skill for one in in_resume}
    return sorted(recognised, key=lambda one: (one.skill.skill not in needed, one.skill.skill not in known))


def _categories(asked: Sequence[str], bank: Bank) -> frozenset[str]:
    known = sorted({skill.category for skill in bank.skills} | {skill.skill for skill in bank.skills})
    found = []
    for index, name in enumerate(asked):
        category = ALIASES.get(name.casefold(), name.casefold().replace("_", "-").replace(" ", "-"))
        if category not in known:
            raise Invalid(
                Complaint(
                    ("body", "categories", index),
                    f"the question bank has no category {name!r}",
                    f"choose of: {', '.join(known)}",
                )
            )
        found.append(category)
    return frozenset(found)


def seniority_of(wanted: Wishes, text: str) -> SeniorityOut | None:
    """Return how senior somebody is to be: as it was sent, else as a text says."""
    if wanted.seniority is not None:
        return SeniorityOut(level=wanted.seniority, words=wanted.seniority.value)
    found = seniority_in(text)
    return None if found is None else SeniorityOut(level=found[0], words=found[1])
