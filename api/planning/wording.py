"""What is wrong with one text by itself: leading, double and closed questions, scales about the person. English."""

import re
from collections.abc import Iterator

from api.planning.warnings import Code, PlanWarning, Severity
from bot.interview.leading import leading

MOST_WORDS = 35  # that can be followed by ear

_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_SECOND = re.compile(
    r",? (?:and|or) (?P<second>(?:what|how|when|which|who|whom|where|why|"
    r"do|did|does|was|were|is|are|have|would|could|can|will) [^.?!]+)\?$",
    re.IGNORECASE,
)
_SECOND_WORDS = 3  # "and why not?" belongs to what was asked
_CLOSED = re.compile(
    r"^(?P<verb>do|did|does|are|is|was|were|have|has|had|can|could|would|will|should) "
    r"(?P<who>you|there|your \w+|we|they) (?P<rest>.+)\?$",
    re.IGNORECASE,
)
_ASKS_TO_TELL = re.compile(
    r"^(?:(?:please|briefly|first|quickly) )?(?:tell|describe|explain|walk|give|share|talk|take|show|say|name|think of|"
    r"recall|outline|summari[sz]e|sketch|list|compare|introduce|remember)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"(?:^|[.;,] |\b(?:candidate|person|they|he|she|who|applicant|and) )(?:is|are|seems?|appears?|looks?|sounds?|"
    r"comes across as|being) (?:a |an )?(?:very |really |quite |highly |too |not |so |rather )?"
    r"(?:smart|intelligent|bright|clever|brilliant|gifted|talented|stupid|lazy|nice|friendly|likeable|likable|pleasant|"
    r"charming|charismatic|attractive|confident|shy|introverted|extroverted|passionate|motivated|ambitious|enthusiastic|"
    r"honest|reliable|trustworthy|genius|natural|weak|strong|good|bad|great|poor|excellent)\b"
    r"(?! (?:at|enough|reason|result|for|in|with|to|that|when|on))"
    r"|\b(?:smart|clever|talented|gifted|lazy|likeable|charismatic|strong|weak|good|great|natural|bad|poor) (?:person|"
    r"candidate|engineer|developer|individual|communicator|leader|personality|character|presence|attitude)\b"
    r"|\b(?:good |poor |strong |bad |great |perfect |weak |no )?(?:culture|cultural|personality) fit\b"
    r"|\bfits? (?:in|our culture|the culture|the team)\b|\bnative[- ]level\b|\baccent\b|\bgood vibes?\b|\bgut feeling\b"
    r"|\brock ?star\b|\bninja\b|\bteam player\b|\beye contact\b|\bwell[- ]spoken\b|\bfirm handshake\b|\bhigh iq\b"
    r"|\bright attitude\b",
    re.IGNORECASE,
)


def of_question(text: str, where: str, *, wants_evidence: bool) -> Iterator[PlanWarning]:
    """Yield what is wrong with how a question is put. wants_evidence: an answer is to tell something."""
    plain = " ".join(text.replace("’", "'").split())
    found = [_leading(plain, where), _double(plain, where)]
    if wants_evidence and found[-1] is None:
        found.append(_closed(plain, where))
    yield from (warning for warning in found if warning is not None)


def length(text: str, where: str) -> Iterator[PlanWarning]:
    """Yield a warning where a text is too long to be followed by ear, in any language."""
    count = len(text.split())
    if count > MOST_WORDS:
        last = _SENTENCE.split(text.strip())[-1]
        yield PlanWarning(
            Code.TOO_LONG,
            Severity.WARNING,
            where,
            f"has {count} words",
            f"It is heard, not read: beyond {MOST_WORDS} words people lose the beginning.",
            last if len(last.split()) <= MOST_WORDS and last != text.strip() else None,
        )


def of_scale(text: str, where: str) -> Iterator[PlanWarning]:
    """Yield what in a criterion, or in a level of its scale, is about the person and not about what they do."""
    found = _PERSON.search(text)
    if found is not None:
        yield PlanWarning(
            Code.JUDGES_PERSON,
            Severity.WARNING,
            where,
            f"{found[0].strip()!r} describes the person",
            "Two raters agree on what somebody did or said; on what somebody is like they rate their own liking.",
            "Tells what they did in one real case, why they did it, and what came of it.",
        )


def _leading(text: str, where: str) -> PlanWarning | None:
    found = leading(text, "en")
    if found is None:
        return None
    return PlanWarning(
        Code.LEADING,
        Severity.WARNING,
        where,
        f"{found.words!r} says which answer is wanted",
        "Candidates tell interviewers what they want to hear; the answer shows nothing.",
        "Tell me about one case that shows how you go about this."
        if found.claim is None
        else f"What speaks for this, and against it: {found.claim}?",
    )


def _double(text: str, where: str) -> PlanWarning | None:
    sentences = _SENTENCE.split(text)
    asked = [sentence for sentence in sentences if sentence.endswith("?")]
    second = _SECOND.search(sentences[-1])
    if len(asked) > 1 and len(asked[1].split()) > _SECOND_WORDS:
        first, other = text[: text.index("?") + 1], asked[1]
    elif second and len(second["second"].split()) > _SECOND_WORDS and " " in sentences[-1][: second.start()]:
        first = f"{text[: text.rindex(second[0])].rstrip(' ,')}?"
        other = f"{second['second'][:1].upper()}{second['second'][1:]}?"
    else:
        return None
    return PlanWarning(
        Code.DOUBLE,
        Severity.HINT,
        where,
        f"asks two things; the second is {other!r}",
        "By ear one of two questions is forgotten; ask the second as a follow-up.",
        first,
    )


def _closed(text: str, where: str) -> PlanWarning | None:
    last = _SENTENCE.split(text)[-1]
    found = _CLOSED.match(last)
    if found is None or _ASKS_TO_TELL.match(found["rest"]) or re.search(r"\b(?:why|how)$", found["rest"]):
        return None
    verb, who, rest = found["verb"].lower(), found["who"], found["rest"]
    return PlanWarning(
        Code.CLOSED,
        Severity.HINT,
        where,
        "can be answered with yes or no",
        "A yes is no evidence; what somebody did is.",
        f"How {verb} {who} {rest}?"
        if verb in {"do", "did", "would", "can", "could"} and who == "you"
        else f"Tell me about one time when you have {re.sub(r'^(?:ever|already) ', '', rest)}."
        if verb == "have" and who == "you"
        else "Tell me about one case that shows it: what did you do?",
    )
