"""What the structured engine makes of a position: questions, a description, what is expected. Pure functions."""

from collections.abc import Mapping

from api.drafting.schemas import GeneratedOut, GenerateIn
from api.drafting.suggesting import BANK_LANGUAGE, StructuredDrafter
from api.drafting.vocabulary import seniority_in
from api.errors import Complaint, Invalid
from api.languages import primary, unspoken
from api.publishing.schemas import Draft, Position
from api.templates.conduct import Style
from bot.plan import Plan

LONGEST_TEXT = 20_000
# What a style asks about, by categories and skills of the question bank; all of it where it is not listed.
FOCUS: Mapping[Style, tuple[str, ...]] = {
    Style.REMOTE_FREELANCER_VERIFICATION: ("communication", "ownership", "prioritisation"),
    Style.STRENGTH_BASED: ("behavioural",),
    Style.POTENTIAL_BASED: ("learning", "problem-solving", "ownership"),
}
NO_DOCUMENTS = "Documents of a knowledge base can't be read yet; the questions come from the question bank."


def draft_of(position: Position, style: Style, skeleton: Plan | None, drafter: StructuredDrafter) -> Draft:
    """Return what is made of a position. skeleton: the plan of the template, for languages the bank is not worded in.

    Raises `Invalid` where so little time was asked for that no question fits.
    """
    inferred = None
    if position.seniority is None and (found := seniority_in("\n".join((position.title, *position.texts)))):
        inferred = found[0]
    language = primary(position.language)
    warnings = [NO_DOCUMENTS] if style is Style.KNOWLEDGE_BASE else []
    if language == BANK_LANGUAGE:
        plan, more = _from_bank(position, style, drafter)
        warnings += more
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
    topics = [section.name for section in plan.sections] if plan else []
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


def _from_bank(position: Position, style: Style, drafter: StructuredDrafter) -> tuple[Plan, list[str]]:
    found = drafter.generate(_request(position, style))
    return found.plan, _fewer(position, found)


def _fewer(position: Position, found: GeneratedOut) -> list[str]:
    if found.capped_by is None:
        return []
    limits = {"minutes": "the time it may take", "bank": "what the question bank has about this position"}
    limit = limits[found.capped_by]
    return [f"Questions made: {found.questions_generated} of {position.question_count}; {limit} sets the limit."]


def _request(position: Position, style: Style) -> GenerateIn:
    return GenerateIn.model_construct(
        title=position.title,
        job_description="\n".join(position.texts)[:LONGEST_TEXT],
        required_skills=[],
        experience_level=position.seniority or "",
        resume_text=None,
        question_count=position.question_count,
        categories=list(FOCUS.get(style, ())),
        language=BANK_LANGUAGE,
        minutes=position.minutes,
        closing=False,
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
