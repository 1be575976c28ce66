"""What the structured engine makes of a position: questions, a description, what is expected. Pure functions."""

from api.drafting.planning import frames
from api.drafting.schemas import GenerateIn
from api.drafting.suggesting import BANK_LANGUAGE, StructuredDrafter
from api.drafting.vocabulary import seniority_in
from api.errors import Complaint, Invalid
from api.jobs import Seniority
from api.languages import primary, unspoken
from api.publishing.schemas import Draft, Position
from api.templates import TemplateIn, tone_of
from api.templates.conduct import MOST_QUESTIONS, Style
from bot.plan import Plan

LONGEST_TEXT = 20_000
NO_MORE = "what the question bank has about this position"


def draft_of(position: Position, template: TemplateIn, drafter: StructuredDrafter) -> Draft:
    """Return what is made of a position. template: whose style, tone and toggles shape the questions.

    Its own plan is taken in languages that the bank is not worded in. Raises `Invalid` where so little time was asked
    for that no question fits, and for scoring of criteria that there are none of.
    """
    inferred = None
    texts = (position.title, *position.texts, position.expectations or "")
    if position.seniority is None and (found := seniority_in("\n".join(texts))):
        inferred = found[0]
    language, skeleton = primary(position.language), template.plan
    warnings: list[str] = []
    if language == BANK_LANGUAGE:
        plan, warnings = _from_bank(position, position.seniority or inferred, template, drafter)
    elif skeleton is not None and skeleton.language == language:
        plan = skeleton.model_copy(update={"title": position.title, "minutes": position.minutes or skeleton.minutes})
        warnings.append(
            f"The question bank is not worded in {position.language!r}; these are the template's questions."
        )
    else:
        plan = None
        warnings.append(f"There are no questions in {position.language!r}: neither the bank nor the template has any.")
    if (mute := unspoken(position.language)) is not None:
        warnings.append(f"{mute[0].upper()}{mute[1:]}.")
    return Draft(plan, described(position.title, position.location, plan), inferred, tuple(warnings))


def described(title: str, location: str | None, plan: Plan | None) -> str:
    """Return a short description, made of what is known alone."""
    first = f"{title}, {location}." if location else f"{title}."
    topics = [section.name for section in plan.sections if not frames(section)] if plan else []
    return f"{first} The interview is about {_listed(topics)}." if topics else first


def expected(plan: Plan | None) -> str:
    """Return what a good candidate shows: what the questions measure."""
    names = list(dict.fromkeys(criterion.name for criterion in plan.criteria)) if plan else []
    return f"A good candidate shows: {'; '.join(names)}." if names else ""


def require_runnable(plan: Plan | None, language: str) -> None:
    """Raise `Invalid` unless interviews with this plan can be held; a draft may wait until they can."""
    mute = unspoken(language)
    if mute is None and plan is not None:
        return
    what = mute or f"there are no questions in {language!r}"
    raise Invalid(Complaint(("body", "language"), what, "choose another language, or keep it a draft"))


def _from_bank(
    position: Position, seniority: Seniority | None, template: TemplateIn, drafter: StructuredDrafter
) -> tuple[Plan, list[str]]:
    count, limits = position.question_count, {"minutes": "the time it may take", "bank": NO_MORE}
    found = drafter.generate(_request(position, count, seniority, template))
    limit = limits.get(found.capped_by or "")
    if (beyond := len(found.plan.questions) - MOST_QUESTIONS) > 0:
        found = drafter.generate(_request(position, found.questions_generated - beyond, seniority, template))
        limit = f"an interview asks {MOST_QUESTIONS} with what opens and closes it, which"
    made = f"Questions made: {found.questions_generated} of {count}; {limit} sets the limit."
    return found.plan, [*([made] if limit else []), *found.warnings]


def _request(position: Position, count: int, seniority: Seniority | None, template: TemplateIn) -> GenerateIn:
    of_documents = template.style is Style.KNOWLEDGE_BASE
    return GenerateIn.model_construct(
        title=position.title,
        job_description="\n".join(position.texts)[:LONGEST_TEXT],
        required_skills=[],
        experience_level="",
        seniority=seniority,
        style=template.style,
        tone=tone_of(template.tone)[0],
        knowledge=list(position.documents) if of_documents else [],
        candidate_expectations=position.expectations,
        rapport=template.toggles.rapport,
        closing=template.toggles.closing,
        scoring=dict(position.scoring),
        question_count=count,
        language=BANK_LANGUAGE,
        minutes=position.minutes,
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
