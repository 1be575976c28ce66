"""How questions were put: leading or double ones, off-limits ground, and how far the plan was kept to."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.coaching.schemas import Adherence, Asked, Remark
from api.coaching.talking import quoted
from api.interviews.schemas import TurnOut
from api.planning.likeness import telling
from api.planning.warnings import Code
from api.planning.wording import of_question
from bot.interview.matching import Matcher
from bot.interview.off_limits import ground
from bot.plan import Plan, Priority

RULED = frozenset({"en"})  # languages with rules for leading and double questions
AS_WRITTEN = 0.8  # of a planned question's telling words
LONGEST = 2000  # characters of a turn that are looked at


def questions_of(turns: Sequence[TurnOut], plan: Plan) -> list[TurnOut]:
    """Return those turns of an interviewer that ask something."""
    matcher = Matcher(plan)
    return [turn for turn in turns if matcher.follows_up(turn.text[:LONGEST])]


def worded(asked: Sequence[TurnOut], language: str) -> tuple[list[Remark] | None, list[Remark] | None]:
    """Return the leading and the double questions among some, None each where the language has no rules for them."""
    if language not in RULED:
        return None, None
    leading: list[Remark] = []
    double: list[Remark] = []
    for turn in asked:
        for warning in of_question(turn.text[:LONGEST], "", wants_evidence=False):
            if warning.code is Code.LEADING:
                leading.append(_remark(turn, warning.what, warning.rephrase))
            elif warning.code is Code.DOUBLE:
                double.append(_remark(turn, warning.what, warning.rephrase))
    return leading, double


def off_limits(turns: Sequence[TurnOut], language: str) -> list[Remark]:
    """Return what nobody may ask a candidate and somebody did."""
    return [
        _remark(turn, found.reason, found.rephrase, found.category)
        for turn in turns
        for found in ground(turn.text[:LONGEST], language)
    ]


def adherence(plan: Plan, events: Sequence[Mapping[str, Any]], turns: Sequence[TurnOut]) -> list[Adherence]:
    """Return how each planned question was put. events: `question.asked` in order, each with data and at_ms."""
    by_seq = {turn.seq: turn for turn in turns}
    found = []
    for section in plan.sections:
        for question in section.questions:
            asked = [event for event in events if event["data"].get("question_id") == question.id]
            first = next((one for one in asked if not one["data"].get("follow_up")), None)
            data = {} if first is None else first["data"]
            turn = by_seq.get(data.get("turn") or -1)
            said = str(data.get("text") or "")
            found.append(
                Adherence(
                    question_id=question.id,
                    text=question.text,
                    section=section.name,
                    core=question.priority is Priority.CORE,
                    how=_how(question.text, first),
                    by=None if turn is None else turn.speaker_id,
                    at_ms=None if first is None else turn.start_ms if turn is not None else first["at_ms"],
                    words=quoted(said) if said else None,
                    follow_ups=sum(1 for one in asked if one["data"].get("follow_up")),
                )
            )
    return found


def _how(text: str, asked: Mapping[str, Any] | None) -> Asked:
    if asked is None:
        return Asked.NOT_ASKED
    if asked["data"].get("by") != "interviewer":
        return Asked.BY_BOT
    wanted, said = telling(text), telling(str(asked["data"].get("text") or ""))
    return Asked.AS_WRITTEN if len(wanted & said) >= AS_WRITTEN * len(wanted) else Asked.PARAPHRASED


def _remark(turn: TurnOut, what: str, instead: str | None, category: str | None = None) -> Remark:
    return Remark(
        seq=turn.seq,
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        quote=quoted(turn.text),
        what=what,
        instead=instead or None,
        category=category,
    )
