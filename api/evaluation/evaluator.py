"""Phase 2 of an evaluation without a model: levels by rules a reader can check, each on quoted words of the candidate.

First quotes are found in the answers to a criterion's questions, for and against (`reading.py`, `marks.py`); then each
is verified by itself (`verification.py`); then what is left makes a level (`levels.py`). An anchor whose every part is
covered in the candidate's words (`anchors.py`) has its level at once. Where nothing can be said honestly there is no
level, and where people should look it says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.evaluation import anchors, levels, scoring, telling
from api.evaluation.contradictions import contradictions
from api.evaluation.evidence import Evidence, Polarity
from api.evaluation.injection import flags, found_in
from api.evaluation.levels import Answer
from api.evaluation.masking import people
from api.evaluation.reading import Sentence, read
from api.evaluation.rubric import Rubric, RubricCriterion
from api.evaluation.telling import Assessment, CriterionStatus, Rated
from api.evaluation.transcript import Quote, Turn
from api.evaluation.verification import verified
from bot.interview import Role
from bot.plan import Plan, Question
from prompts import Found

NAME, VERSION = "structured", "3"
LANGUAGE = "en"  # the rules read no other
MOSTLY, MUCH = 1 / 2, 1 / 3  # of the words of a criterion's answers
FAR_APART = 2  # levels between what two readings of the same words come to; people decide which is right

__all__ = ["NAME", "VERSION", "Assessment", "CriterionStatus", "assess"]


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was said to one question, and what it counts for. trusted: as if all of it had been heard surely."""

    said: tuple[Sentence, ...]
    answer: Answer
    trusted: Answer


@dataclass(frozen=True, slots=True)
class _Level:
    """A level and how it came about. readings: what other ways of reading the same words come to."""

    level: int | None
    why: str
    readings: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


def assess(
    plan: Plan, rubric: Rubric, turns: Sequence[Turn], qa: Sequence[Mapping[str, Any]], product: str = "interview"
) -> Assessment:
    """Return levels, the overall figure and what they add up to. qa: that of phase 1, for which turns answer what."""
    entries = {str(entry["question_id"]): entry for entry in qa}
    names, suspicious = people(turns), found_in(turns)
    heard = {
        question.id: one
        for question in plan.questions
        if question.id in entries and (one := _heard(question, turns, entries[question.id], names, suspicious)).said
    }
    rated = [_rate(criterion, plan, turns, heard, entries) for criterion in rubric.criteria]
    differing = list(contradictions({id_: one.said for id_, one in heard.items()}, plan.language))
    return telling.assessment(rated, rubric, product, plan.language, flags(turns, suspicious), differing)


def _heard(
    question: Question,
    turns: Sequence[Turn],
    entry: Mapping[str, Any],
    names: frozenset[str],
    suspicious: Mapping[int, Sequence[Found]],
) -> _Heard:
    def said(numbers: Sequence[int]) -> tuple[Sentence, ...]:
        wanted = set(numbers)
        return tuple(
            read([one for one in turns if one.seq in wanted and one.role == Role.CANDIDATE], suspicious, names)
        )

    whole = said(entry["answer_turns"])
    follow_ups = [said(follow_up["answer_turns"]) for follow_up in entry.get("follow_ups") or ()]
    answer = levels.answer(question, whole, follow_ups)
    sure = all(one.sure for one in whole)
    return _Heard(whole, answer, answer if sure else levels.answer(question, whole, follow_ups, trusting=True))


def _rate(
    criterion: RubricCriterion,
    plan: Plan,
    turns: Sequence[Turn],
    heard: Mapping[str, _Heard],
    entries: Mapping[str, Mapping[str, Any]],
) -> Rated:
    questions = [question for question in plan.questions if question.id in criterion.question_ids]
    expected = tuple(dict.fromkeys(signal for question in questions for signal in question.expects))
    if not any(_was_asked(entries.get(question.id)) for question in questions):
        return Rated(criterion, CriterionStatus.NOT_ASKED, None, "No question about it was asked.", expected)
    about = [heard[question.id] for question in questions if question.id in heard]
    answers = [one.answer for one in about] if plan.language == LANGUAGE else []
    covered = _covered(criterion, about)
    evidence, dropped = verified(_evidence(criterion.id, answers, covered), turns)
    found = _level(criterion, plan.language, about, sorted(covered), len(questions))
    status = CriterionStatus.INSUFFICIENT_EVIDENCE if found.level is None else CriterionStatus.SCORED
    if found.level is not None and not evidence:  # nothing that was found holds
        found, status = _Level(None, "No quote holds."), CriterionStatus.INSUFFICIENT_EVIDENCE
    return Rated(
        criterion,
        status,
        found.level,
        found.why,
        expected,
        frozenset(signal for one in answers for signal in one.shown),
        _with_polarity(evidence, found.level),
        dropped,
        found.readings,
        found.reasons,
    )


def _was_asked(entry: Mapping[str, Any] | None) -> bool:
    if entry is None:
        return False
    skipped = entry["outcome"] == "skipped" and entry["reason"] != "time"
    return entry["asked_at_ms"] is not None or bool(entry["answer_turns"]) or skipped


# ---- the level ----------------------------------------------------------------------------------------------------


def _covered(criterion: RubricCriterion, about: Sequence[_Heard]) -> dict[int, list[tuple[str, Quote]]]:
    """The anchors that are covered, by level: each part with its quote.

    The answers to questions without a scale of their own are taken together, those to the others each by itself.
    """
    own = [one for one in about if one.answer.question.id in criterion.scales]
    rest = [sentence for one in about if one not in own for sentence in one.said]
    found: dict[int, list[tuple[str, Quote]]] = {}
    scales = [(criterion.scales[one.answer.question.id], one.said) for one in own]
    for scale, said in [*scales, (criterion.anchors, rest)]:
        passages = anchors.passages_of(said)
        for level in scale:
            if (proof := anchors.covered(scale, level, passages)) is not None:
                found.setdefault(level, []).extend(proof)
    return found


def _level(
    criterion: RubricCriterion, language: str, about: Sequence[_Heard], covered: Sequence[int], asked: int
) -> _Level:
    if not (criterion.anchors or criterion.scales):
        return _Level(None, "It has no anchors, so nothing says what a level looks like.")
    if language != LANGUAGE:
        return _Level(None, f"The rules read English; the interview was held in {language!r}.")
    if not about:
        return _Level(None, "It was asked about and nothing was said to it.")
    if covered and covered[0] <= anchors.LOW < covered[-1]:
        told = " and ".join(str(level) for level in covered)
        why = f"What was said covers the anchors of levels {told}, which contradict each other; listen to it."
        return _Level(None, why, tuple(covered), ("it covers anchors that contradict each other",))
    answers = [one.answer for one in about]
    by_points, readings = levels.level_of(answers), _readings(answers)
    if covered and (covered[-1] > anchors.LOW or (by_points or scoring.LOWEST) <= anchors.LOW + 1):
        why = f"Each part of the anchor of level {covered[-1]} is covered by a quote."
        return _Level(covered[-1], why, readings, _reasons(about, (*readings, covered[-1])))
    trusting = levels.level_of([one.trusted for one in about])
    if by_points is None and trusting is None:
        return _Level(None, _too_little(answers, asked), reasons=("too little was said to rate it",))
    level = max(by_points or scoring.LOWEST, trusting or scoring.LOWEST)
    if level <= anchors.LOW and _unsure_share(about) > MOSTLY:
        why = "Most of it was heard unsurely, too much so for a low level; listen to it."
        return _Level(None, why, readings, ("most of it was heard unsurely",))
    if level == scoring.LOWEST and not any(one.weak or one.fruitless for one in answers):
        level += 1  # the lowest level needs something that speaks for it
    return _Level(level, levels.told(answers, level), readings, _reasons(about, (*readings, *covered)))


def _readings(answers: Sequence[Answer]) -> tuple[int, ...]:
    """The levels that each answer comes to by itself, and all of them together."""
    found = (levels.level_of(some) for some in (*((one,) for one in answers), answers))
    return tuple(level for level in found if level is not None)


def _reasons(about: Sequence[_Heard], readings: Sequence[int]) -> tuple[str, ...]:
    """Why people should look at a level."""
    found = []
    if readings and max(readings) - min(readings) >= FAR_APART:
        found.append(f"taken one by one, its answers and anchors come to levels {min(readings)} to {max(readings)}")
    if _unsure_share(about) > MUCH:
        found.append("much of it was heard unsurely")
    thin = sum(one.answer.is_thin for one in about)
    if thin and 2 * thin >= len(about):
        found.append(f"{thin} of {len(about)} answers say too little to be rated")
    return tuple(found)


def _unsure_share(about: Sequence[_Heard]) -> float:
    sentences = [one for each in about for one in each.said]
    return sum(len(one.starts) for one in sentences if not one.sure) / sum(len(one.starts) for one in sentences)


def _too_little(answers: Sequence[Answer], asked: int) -> str:
    where = "The answer says" if asked == 1 else f"The answers to {asked} questions say"
    lacking = dict.fromkeys(
        signal.value.replace("_", " ") for one in answers for signal in one.question.expects if signal not in one.shown
    )
    return f"{where} too little to be rated. Not shown: {', '.join(lacking)}." if lacking else f"{where} too little."


# ---- the evidence -------------------------------------------------------------------------------------------------


def _evidence(
    criterion_id: str, answers: Sequence[Answer], covered: Mapping[int, Sequence[tuple[str, Quote]]]
) -> list[Evidence]:
    """Every quote of a criterion, each thing it shows once for each answer."""
    found: list[Evidence] = []
    for one in answers:
        for sign, quote in one.signs.items():
            signal = levels.SIGNAL_OF.get(sign)
            shows = f"signal:{signal.value}" if signal in one.question.expects else f"sign:{sign.value}"
            found.append(Evidence(criterion_id, quote, shows))
        for weakness, quote in one.weak:
            found.append(Evidence(criterion_id, quote, f"weakness:{weakness.value}", Polarity.CONTRADICTS))
    for level, proof in covered.items():
        polarity = Polarity.CONTRADICTS if level <= anchors.LOW else Polarity.SUPPORTS
        found += [Evidence(criterion_id, quote, f"anchor:{level}: {part}", polarity) for part, quote in proof]
    unique = {(one.quote.turn.seq, one.quote.start, one.shows): one for one in found}
    return list(unique.values())


def _with_polarity(evidence: Sequence[Evidence], level: int | None) -> tuple[Evidence, ...]:
    """Weak behaviour speaks for a low level and against any other; good work the other way round."""
    low = level is not None and level <= anchors.LOW
    if not low or all(one.polarity is Polarity.SUPPORTS for one in evidence):
        return tuple(evidence)
    other = {Polarity.SUPPORTS: Polarity.CONTRADICTS, Polarity.CONTRADICTS: Polarity.SUPPORTS}
    return tuple(Evidence(one.criterion_id, one.quote, one.shows, other[one.polarity]) for one in evidence)
