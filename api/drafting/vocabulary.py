"""What a text asks for: seniority, skills, minutes and a title, each with the words it was read from."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.evaluation.families import stem
from api.jobs import Seniority
from bot.interview.commands import words
from prompts import Bank, Skill

NAMED, TERM, HINT = 3, 2, 1  # how much a skill's name, a term of its questions, and what they measure weigh
MOST_BEFORE = 3  # words of a title before the word for a job
LONGEST_NAME = 4  # words of a name that is quoted
RECOGNISED = 3  # from here on, or by one word of more weight than a hint, a skill is taken as meant


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In this order: of several the first that is found counts. A word that has other uses counts before a job, or alone.
_SENIORITY = (
    (
        Seniority.EXECUTIVE,
        r"chief \w+ officer|c[etfpo]o|s?vp|vice president|chief executive|^executive$"
        r"|executive (?:board|director|leader|level|officer|position|role|team)",
    ),
    (Seniority.DIRECTOR, r"(?<!art )(?<!creative )director|head of \w+"),
    (
        Seniority.PRINCIPAL,
        r"^principal$|principal (?:\w+ ){0,3}(?:engineer|developer|designer|scientist|architect|consultant|manager)"
        r"|staff (?:\w+ ){0,3}(?:engineer|developer|designer|scientist)",
    ),
    (
        Seniority.LEAD,
        r"(?:tech(?:nical)?|team|lead) lead|lead (?:\w+ ){0,2}(?:engineer|developer|designer|analyst)"
        r"|(?:to )?lead (?:our|the|an?) (?:\w+ ){0,3}team",
    ),
    (Seniority.SENIOR, r"senior(?! (?:citizen|leader|living|management|resident|stakeholder))|experienced|sr"),
    (
        Seniority.MID,
        r"^mid(?:dle)?$|mid(?:dle)? level|(?:mid|middle) (?:\w+ ){0,2}(?:engineer|developer|designer|analyst|scientist)"
        r"|intermediate|medior",
    ),
    (Seniority.JUNIOR, r"junior|jr"),
    (Seniority.ENTRY, r"entry level|intern|internship|graduate(?! (?:degree|school|stud))|trainee|apprentice"),
    (Seniority.MANAGER, r"(?:engineering|people|team|branch|store|office|shift) manager|managerial"),
)
# Up to the next pause, how senior somebody else is: the boss, colleagues, those who are served.
_OTHERS = re.compile(
    r"\b(?:report(?:s|ing)?(?: directly)? to|answers? to|assistants? (?:to|of)|works?(?: closely| together)? with"
    r"|working(?: closely| together)? with|alongside|led by|managed by|mentor(?:s|ed by)?)\b[^.,;:!?()\n]*",
    re.IGNORECASE,
)
_ROLE = _words(
    "engineer developer programmer analyst scientist designer manager lead architect administrator tester "
    "consultant representative agent assistant specialist director officer advisor recruiter nurse teacher "
    "accountant seller salesperson executive clerk technician operator coordinator worker helper guard auditor "
    "practitioner partner therapist planner buyer trainer tutor lecturer researcher strategist supervisor inspector"
)
_ALONE = _words(
    "cto ceo cfo coo cpo vp sre barista cook chef driver electrician mechanic receptionist writer editor lawyer "
    "attorney solicitor paralegal baker bartender bookkeeper butcher caregiver carer carpenter cashier cleaner courier "
    "dentist doctor gardener housekeeper janitor journalist librarian marketer midwife painter paramedic pharmacist "
    "photographer physician pilot plumber professor roofer translator waiter waitress welder"
)
_OF_SOMETHING = _words("head director vp chief")  # of what they are belongs to the title
_NOT_IN_TITLE = _words(
    "a an the for of to and or with who we i us our my need want looking hire hiring seeking interview "
    "interviewing is are be as in at on draft create make please new good strong some any minute minutes hour "
    "about join role position job title opening vacancy this that your you someone somebody experienced from by"
)
_CUES = _words("for hiring seeking need want interview interviewing as role position title join vacancy opening job")
_ARTICLES = _words("a an the our another")
_MINUTES = re.compile(r"(\d{1,3})\s*[- ]?\s*min")
_CLAUSE = re.compile(r"[.,;:!?]\s|\n")
_INTERVIEW = re.compile(r"\b(?:interview|conversation|chat|screening|phone screen|questions?)\b")
# What else takes minutes and hours: work, pay and ways there.
_ELSE = re.compile(
    r"\b(?:shifts?|within|every|each|per|a day|a week|daily|weekly|pay|paid|wage|respon\w+|answers?|commut\w+|walk"
    r"|break|away|stand-?ups?|part[- ]time|full[- ]time)\b|[$€£]"
)
SENTENCE = 300  # characters of a prompt that is about the interview itself; a longer one is a job's text
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNT = re.compile(rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})\s+(?:\w+\s+)?questions\b")
_LENGTH = re.compile(r"\b(\d(?:\.5)?)\s*-?\s*h(?:ours?|rs?)?\b")
_HOURS = {"half an hour": 30, "half hour": 30, "an hour and a half": 90, "90 minute": 90, "an hour": 60, "one hour": 60}
_COMMON = _words("problem security system other thing giving taking using making people speaking choosing handling")


@dataclass(frozen=True, slots=True)
class Recognised:
    """One skill of the bank found in a text. words: what it was found by; score: how much that weighs."""

    skill: Skill
    words: tuple[str, ...]
    score: int


class Vocabulary:
    """What every skill of a question bank is known by; worked out once, for many texts."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        names = _names(bank)
        also = {name.casefold() for skill in bank.skills for name in skill.also}
        longer = {_stemmed(phrase) for phrase in (*names, *also) if " " in phrase}
        self._longer = sorted(longer, key=len, reverse=True)
        self._known = [(skill, _weights(skill, names)) for skill in bank.skills]
        self._quotable = {phrase: skill for skill in bank.skills for phrase in _quotable(skill, names)}

    def skills_in(self, text: str) -> list[Recognised]:
        """Return the skills a text asks for, the weightiest first and then in the bank's order."""
        said = set(_stems(text.casefold()))
        running = f" {_stemmed(text.casefold())} "
        rest = running  # without what has longer names: machine learning is no learning
        for stems in self._longer:
            rest = rest.replace(f" {stems} ", " | ")
        found = []
        for skill, known in self._known:
            weights = {
                stems: weight
                for stems, weight in known.items()
                if f" {stems} " in (rest if weight == NAMED and " " not in stems else running)
                or (weight == TERM and any(_same(one, stems) for one in said))
            }
            score = sum(weights.values())
            if score >= RECOGNISED or max(weights.values(), default=0) > HINT:
                hits = {hit for stems in weights for hit in stems.split()}
                named = {word for word in words(text) if any(_same(stem(word), hit) for hit in hits)}
                found.append(Recognised(skill, tuple(sorted(named)), score))
        return sorted(found, key=lambda one: -one.score)

    def quotes_in(self, text: str) -> list[tuple[Skill, str]]:
        """Return what a text mentions by a proper name or a phrase the bank knows, as it is written there, in order."""
        tokens = list(re.finditer(r"[\w+#/.-]+", text))
        found: list[tuple[Skill, str]] = []
        at = 0
        while at < len(tokens):
            for length in range(LONGEST_NAME, 0, -1):
                run = text[tokens[at].start() : tokens[min(at + length, len(tokens)) - 1].end()].rstrip(".-/")
                skill = self._quotable.get(" ".join(run.casefold().split()))
                if skill is not None and "\n" not in run:
                    found.append((skill, run))
                    at += length - 1
                    break
            at += 1
        return found


def seniority_in(text: str) -> tuple[Seniority, str] | None:
    """Return how senior somebody is to be and the words that say so, those of the role's title first.

    Years of experience say nothing of it, nor does how senior those are whom somebody will work for or with.
    """
    for part in (title_in(text) or "", _OTHERS.sub(" others ", text)):
        said = "\n".join(" ".join(words(line)) for line in part.splitlines())
        for seniority, pattern in _SENIORITY:
            if (found := re.search(rf"\b(?:{pattern})\b", said, re.MULTILINE)) is not None:
                return seniority, found[0]
    return None


def minutes_in(text: str) -> int | None:
    """Return how long the interview is to take, where the text says it; minutes from 5 to 240.

    In a job's text only what speaks of an interview counts; elsewhere all that is not said of work, pay or a way.
    """
    clauses = _CLAUSE.split(text.casefold())
    named = [clause for clause in clauses if _INTERVIEW.search(clause)]
    others = [clause for clause in clauses if len(text) <= SENTENCE and not _ELSE.search(clause)]
    return next((minutes for clause in (*named, *others) if (minutes := _length(clause)) is not None), None)


def _length(said: str) -> int | None:
    named = next((minutes for phrase, minutes in _HOURS.items() if phrase in said), None)
    found = _MINUTES.search(said)
    hours = _LENGTH.search(said)
    minutes = int(found[1]) if found else int(float(hours[1]) * 60) if hours else named
    return minutes if minutes is not None and 5 <= minutes <= 240 else None


def count_in(text: str) -> int | None:
    """Return how many questions are to be asked, where the text says it; from 1 to 40."""
    found = _COUNT.search(text.casefold())
    if found is None:
        return None
    count = int(found[1]) if found[1].isdigit() else _NUMBERS.index(found[1]) + 1
    return count if 1 <= count <= 40 else None


def title_in(text: str) -> str | None:
    """Return the role a text names, in its own words: a word for a job, and what stands right before it.

    Of several the one that stands by itself or follows a word like "hiring" counts, else the first.
    """
    best: tuple[int, str] | None = None
    for line in re.split(r"[\n.,;:!?()]+", text):
        tokens = re.findall(r"[\w+#/&-]+", line)
        for index in range(len(tokens)):
            if (title := _title_at(tokens, index)) is not None and (best is None or title[0] > best[0]):
                best = title
    if best is None:
        return None
    first = best[1].split()[0]
    return (best[1][:1].upper() + best[1][1:] if first.islower() else best[1])[:200]


def _title_at(tokens: Sequence[str], index: int) -> tuple[int, str] | None:
    """The title whose last or, as in "head of sales", first word stands at `index`, and how likely it is one."""
    lowered = [token.casefold() for token in tokens]
    word = lowered[index].removesuffix("s")
    following = lowered[index + 1] if index + 1 < len(tokens) else ""
    of = following == "of" and word in _OF_SOMETHING and index + 2 < len(tokens)
    if not (word in _ROLE or word in _ALONE or of) or (following in _ARTICLES and word == "lead"):
        return None
    if following.removesuffix("s") in _ROLE:  # an executive assistant's title ends later
        return None
    first, last = index, index + (2 if of else 0)
    while first > 0 and index - first < MOST_BEFORE and lowered[first - 1] not in _NOT_IN_TITLE:
        first -= 1
    if of and last < len(tokens) - 2 and lowered[last + 1] == "and":
        last += 2
    before = [name for name in lowered[max(0, first - 2) : first] if name not in _ARTICLES]
    alone = first == 0 and last == len(tokens) - 1
    likely = 2 * (alone or bool(before and before[-1] in _CUES)) + (lowered[index] == word)
    return likely, " ".join(tokens[first : last + 1])


def _same(said: str, known: str) -> bool:
    """Whether a word is a known one, or begins with it as PostgreSQL does with Postgres."""
    return said == known or (len(known) > 4 and said.startswith(known))


def _stems(text: str) -> list[str]:
    return [stem(word) for word in words(text)]


def _stemmed(phrase: str) -> str:
    return " ".join(_stems(phrase))


def _names(bank: Bank) -> Mapping[str, str]:
    """What a skill is called by: its name, the parts of it, its id, and the first word of that if no other has it."""
    firsts = Counter(skill.skill.partition("-")[0] for skill in bank.skills)
    names: dict[str, str] = {}
    for skill in bank.skills:
        first = skill.skill.partition("-")[0]
        called = [*(part.strip() for part in re.split(r"\band\b", skill.name)), skill.skill.replace("-", " ")]
        if firsts[first] == 1 and first not in _COMMON:
            called.append(first)
        names |= {name.casefold(): skill.skill for name in called}
    return names


def _weights(skill: Skill, names: Mapping[str, str]) -> dict[str, int]:
    """The stems of every phrase a skill is known by, and how much each weighs."""
    weights: dict[str, int] = {}
    for phrase, weight in _phrases(skill, names):
        stems = _stemmed(phrase)
        weights[stems] = max(weight, weights.get(stems, 0))
    return weights


def _quotable(skill: Skill, names: Mapping[str, str]) -> Iterable[str]:
    """Names of things somebody may have worked with; not what people or their ways are called."""
    if skill.category == "behavioural":
        return
    for phrase in (*skill.also, *(term for question in skill.questions for term in question.terms)):
        role = phrase.split()[-1].casefold().removesuffix("s") in _ROLE
        if (
            (" " in phrase or phrase != phrase.lower())
            and not role
            and names.get(phrase.casefold(), "") in {"", skill.skill}
        ):
            yield phrase.casefold()


def _phrases(skill: Skill, names: Mapping[str, str]) -> Iterable[tuple[str, int]]:
    """Every phrase a skill is known by, lower-cased, with its weight."""
    yield from ((name, NAMED) for name, owner in names.items() if owner == skill.skill)
    yield from ((name.casefold(), NAMED) for name in skill.also)
    for question in skill.questions:
        for term in question.terms:
            # One lower-case word can mean anything ("join", "lock"), and what another skill is called by means that
            # one; a proper name or a phrase can't.
            telling = (" " in term or term != term.lower()) and term.casefold() not in names
            yield term.casefold(), TERM if telling else HINT
        for word in words(question.measures):
            if len(word) > 4 and word not in _COMMON:
                yield word, HINT
