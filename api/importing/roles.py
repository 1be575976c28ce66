"""Who is who in a transcript: by the names in the request, else by what it says itself, else by the candidate's name on
record, else by who asks the plan's questions and who answers them. A doubt is an error that lists the speakers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from api.errors import SpeakersUnclear
from api.importing import Said
from api.importing.aligning import Line, asking
from api.importing.parts import role_named
from bot.interview import Role
from bot.interview.matching import Matcher
from bot.plan import Plan

MOST_SHOWN = 12
CLEARLY = 2  # times as many questions, or words in answer to them, as anybody else


class Means(StrEnum):
    """How the candidate was found."""

    REQUEST = "request"
    TRANSCRIPT = "transcript"
    RECORD = "record"
    QUESTIONS = "questions"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is who, by name, as far as it was said. on_record: the candidate's name in the interview itself."""

    candidate: str | None = None
    interviewers: tuple[str, ...] = ()
    on_record: str | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """The part of each speaker, by name, and how the candidate was found."""

    parts: Mapping[str, Role]
    by: Means


def cast(said: Sequence[Said], plan: Plan, wanted: Wanted) -> Cast:
    """Return who is who; raise `SpeakersUnclear`."""
    speakers = list(dict.fromkeys(one.speaker for one in said if one.speaker))
    if not speakers:
        raise SpeakersUnclear(
            "the transcript does not say who speaks", 'send one that names its speakers, as in "Maria: I built it."', ()
        )
    if wanted.candidate is not None or wanted.interviewers:
        return Cast(_by_request(speakers, wanted), Means.REQUEST)
    told = {name: role for name in speakers if (role := _told(name, said)) is not None}
    if sum(role is Role.CANDIDATE for role in told.values()) == 1:
        return Cast({name: told.get(name, Role.INTERVIEWER) for name in speakers}, Means.TRANSCRIPT)
    known = [name for name in speakers if wanted.on_record is not None and _same(name, wanted.on_record)]
    if len(known) == 1:
        return Cast(_by_request(speakers, Wanted(known[0])), Means.RECORD)
    return Cast(_by_questions(speakers, said, plan), Means.QUESTIONS)


def _by_request(speakers: Sequence[str], wanted: Wanted) -> dict[str, Role]:
    asking_ = {_find(speakers, name) for name in wanted.interviewers}
    left = [name for name in speakers if name not in asking_]
    if wanted.candidate is not None:
        candidate = _find(speakers, wanted.candidate)
        if candidate in asking_:
            raise _unclear(f"{candidate!r} is named as candidate and as interviewer", speakers)
    elif len(left) == 1:
        candidate = left[0]
    else:
        raise _unclear(
            "more than one speaker is no interviewer" if left else "every speaker is an interviewer", speakers
        )
    others = Role.OBSERVER if wanted.interviewers else Role.INTERVIEWER
    return {
        name: Role.CANDIDATE if name == candidate else Role.INTERVIEWER if name in asking_ else others
        for name in speakers
    }


def _find(speakers: Sequence[str], name: str) -> str:
    exact = [speaker for speaker in speakers if _same(name, speaker)]
    found = exact or [speaker for speaker in speakers if _part_of(name, speaker)]
    if len(found) == 1:
        return found[0]
    raise _unclear(
        f"{len(found)} speakers are called {name!r}" if found else f"nobody in it is called {name!r}", speakers
    )


def _same(name: str, speaker: str) -> bool:
    return name.casefold().split() == speaker.casefold().split()


def _part_of(name: str, speaker: str) -> bool:
    """Whether a name is what somebody is called by, who is written with more."""
    return bool(name.split()) and set(name.casefold().split()) <= set(speaker.casefold().split())


def _told(name: str, said: Sequence[Said]) -> Role | None:
    """What the transcript says of a speaker: in a field of its own, or by what it calls them."""
    roles = {one.role for one in said if one.speaker == name and one.role is not None}
    if len(roles) == 1:
        return Role(roles.pop())
    return None if roles else role_named(name)


def _by_questions(speakers: Sequence[str], said: Sequence[Said], plan: Plan) -> dict[str, Role]:
    """Whoever asks the plan's questions, and the one who has most to say after them."""
    matcher = Matcher(plan)
    lines = [Line(one.text, asks=True, answers=False) for one in said]
    asked = asking(plan, lines, matcher)
    asks = Counter(said[number].speaker for number in asked)
    most = max(asks.values(), default=0)
    asking_ = {name for name, count in asks.items() if count * CLEARLY >= most}
    words: Counter[str] = Counter()
    begun = False
    for number, one in enumerate(said):
        begun = begun or number in asked
        if begun and one.speaker not in asking_:
            words[one.speaker] += len(one.text.split())
    ranked = words.most_common(2)
    if not asks:
        raise _unclear("nobody in it asks a question of the plan", speakers)
    if not ranked or (len(ranked) > 1 and ranked[1][1] * CLEARLY > ranked[0][1]):
        raise _unclear("it is not clear who answers the questions of the plan", speakers)
    others = {name: Role.INTERVIEWER if name in asking_ else Role.OBSERVER for name in speakers}
    return others | {ranked[0][0]: Role.CANDIDATE}


def _unclear(why: str, speakers: Sequence[str]) -> SpeakersUnclear:
    shown = ", ".join(speakers[:MOST_SHOWN]) + (" and others" if len(speakers) > MOST_SHOWN else "")
    return SpeakersUnclear(f"{why}; it names {shown}", "say which of them is the candidate", speakers)
