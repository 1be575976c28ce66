"""What a candidate says about one thing in two answers, where a reader of the rules can see that it differs.

Only what can be checked word by word: how many were in a team, how long a named thing took (English, German, Spanish,
French), and who made a named thing (English). Anything that tells of a change, or of several such things, is no claim.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

APART = 1.5  # durations are rounded when they are told: only such a factor makes them different


class Kind(StrEnum):
    """What a claim tells; the line that asks about two of them is `contradiction_` and this."""

    TEAM = "team"
    TIME = "time"
    DOER = "doer"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. about: the thing's own words, empty for "the team"; told: the value as it was said, or what was done;
    size: in numbers (people, days; for a doer 0 alone, 1 with others, 2 somebody else).
    """

    kind: Kind
    about: str
    told: str
    size: float

    def differs(self, later: "Claim") -> bool:
        """Whether both can't be right; they are about the same thing."""
        if self.kind is Kind.TIME:
            return max(self.size, later.size) / min(self.size, later.size) >= APART
        if self.kind is Kind.DOER and self.told != later.told:
            return False  # one may have designed what another built
        return self.size != later.size


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two claims about one thing that differ."""

    earlier: Claim
    later: Claim

    @property
    def thing(self) -> tuple[Kind, str]:
        """What it is about: nobody is asked about that twice."""
        return self.later.kind, self.later.about


def find(latest: str, before: Iterable[tuple[bool, str]], language: str) -> Contradiction | None:
    """The first claim in `latest` that differs from one of `before`.

    before: what was said earlier, oldest first, each with whether it answers the same question. A team that has no name
    of its own is the same one only within a question.
    """
    told = _single(claims_in(latest, language))
    if not told:
        return None
    for same_question, text in before:
        for earlier in _single(claims_in(text, language)).values():
            later = told.get((earlier.kind, earlier.about))
            if later is not None and (same_question or earlier.about) and earlier.differs(later):
                return Contradiction(earlier, later)
    return None


@lru_cache(maxsize=256)  # what was said before is looked at again with every answer
def claims_in(text: str, language: str) -> tuple[Claim, ...]:
    """The claims made in `text`; none in a language without rules."""
    if (rules := _RULES.get(language)) is None:
        return ()
    found: list[Claim] = []
    for sentence in re.split(r"[.?!…;]+\s+", text):
        spelt = re.findall(r"\w+", re.sub(r"['’`´]", "", sentence))
        said = " ".join(word.casefold() for word in spelt)
        if rules.change.search(said):
            continue
        for pattern in rules.team:
            for match in pattern.finditer(said):
                about = match.groupdict().get("about") or ""
                found.append(Claim(Kind.TEAM, about, _spelt(match, "n", "n", spelt), _number(match["n"], rules)))
        for match in rules.time.finditer(said):
            days = _number(match["n"], rules) * next(
                days for unit, days in rules.units.items() if match["unit"].startswith(unit)
            )
            found.append(Claim(Kind.TIME, match["about"], _spelt(match, "n", "unit", spelt), days))
        if language == "en":
            found += _doers(said)
    return tuple(claim for claim in found if claim.size > 0 or claim.kind is Kind.DOER)


def _spelt(match: re.Match[str], first: str, last: str, spelt: list[str]) -> str:
    """The words from group `first` to group `last`, written as they came."""
    said = match.string
    return " ".join(spelt[said.count(" ", 0, match.start(first)) : said.count(" ", 0, match.end(last)) + 1])


def _single(claims: Iterable[Claim]) -> dict[tuple[Kind, str], Claim]:
    """The claims of which there is one about each thing: somebody who names two sizes speaks of two teams."""
    by_thing: dict[tuple[Kind, str], Claim | None] = {}
    for claim in claims:
        thing = claim.kind, claim.about
        known = by_thing.get(thing, claim)
        by_thing[thing] = claim if known is not None and known.size == claim.size else None
    return {thing: claim for thing, claim in by_thing.items() if claim is not None}


# ---- the rules -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rules:
    numbers: Mapping[str, int]
    change: re.Pattern[str]
    team: tuple[re.Pattern[str], ...]
    time: re.Pattern[str]
    units: Mapping[str, int]  # how the words for units of time begin, in days


def _numbers(names: str) -> dict[str, int]:
    """Number words for two and up; one is no size of a team, and an article in some languages."""
    values = (*range(2, 13), 15, 20, 30, 40, 50)
    return dict(zip(names.split(), values, strict=True))


def _number(said: str, rules: _Rules) -> float:
    return float(said) if said.isdecimal() else float(rules.numbers[said])


def _rules(numbers: dict[str, int], change: str, team: tuple[str, ...], time: str, units: str) -> _Rules:
    n = rf"(?P<n>\d{{1,3}}|{'|'.join(numbers)})"
    days = dict(zip(units.split(), (1, 7, 30, 365), strict=True))
    unit = rf"(?P<unit>(?:{'|'.join(days)})\w*)"
    return _Rules(
        numbers,
        re.compile(rf"\b(?:{change})\b"),
        tuple(re.compile(rule.replace("NUM", n)) for rule in team),
        re.compile(time.replace("NUM", n).replace("UNIT", unit)),
        days,
    )


_PEOPLE = r"(?:people|persons|engineers|developers|designers|members|colleagues|of us)"
_NO_NAME = r"(?!(?:a|an|my|our|the|his|her|their|small|big|large|whole|that|this|new|in|with|of)\b)"
_RULES: Mapping[str, _Rules] = {
    "en": _rules(
        _numbers("two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty"),
        r"grew|grown|grow|became|later|initially|at first|at the start|in the beginning|by the end|joined|hired|left"
        r"|shrank|shrunk|doubled|halved|from \w+ to|another|other|different|instead of|planned|estimated|should have",
        (
            rf"\b(?:{_NO_NAME}(?P<about>[a-z]{{3,20}}) )?team (?:of|with) NUM\b(?! (?:teams|years|months|weeks|days))",
            rf"\bNUM {_PEOPLE} (?:in|on) (?:my|our|the) (?:{_NO_NAME}(?P<about>[a-z]{{3,20}}) )?team\b",
            rf"\b(?:{_NO_NAME}(?P<about>[a-z]{{3,20}}) )?team (?:was|had|counted|consisted of) NUM {_PEOPLE}\b",
            rf"\b(?:we were|there were) NUM (?:{_PEOPLE}\b|in the team\b|$)",
        ),
        r"\b(?:the|our|my) (?P<about>[a-z]{3,20}(?: [a-z]{3,20})?) (?:took|lasted) (?:us |me )?"
        r"(?:about |around |roughly |some |nearly |almost |only )?NUM UNIT\b",
        "day week month year",
    ),
    "de": _rules(
        _numbers("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf fünfzehn zwanzig dreissig vierzig fünfzig"),
        r"gewachsen|wuchs\w*|später|anfangs|zuerst|am anfang|am ende|dazu|verdoppelt|geschrumpft|von \w+ auf|andere\w*"
        r"|statt|geplant|geschätzt",
        (
            r"\bteam (?:von|aus|mit) NUM\b(?! (?:teams|jahre\w*|monate\w*|wochen|tage\w*))",
            r"\bwir waren NUM (?:leute|personen|kollegen|entwickler|im team)\b",
        ),
        r"\b(?:die|das|der|unsere?|meine?) (?P<about>\w{3,30}) (?:dauerte|hat) (?:uns |mich )?"
        r"(?:etwa |rund |ungefähr |fast |nur )?NUM UNIT\b",
        "tag woc mon jah",
    ),
    "es": _rules(
        _numbers("dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cuarenta cincuenta"),
        r"creci\w*|después|al principio|al final|luego|se unieron|duplic\w*|de \w+ a|otr[oa]s?|en lugar de"
        r"|previst\w*|estimad\w*",
        (r"\bequipo de NUM\b(?! (?:equipos|años|meses|semanas|días))", r"\béramos NUM\b"),
        r"\b(?:la|el|nuestra|nuestro|mi) (?P<about>\w{3,30}) (?:duró|tardó|llevó) "
        r"(?:unos |unas |casi |solo )?NUM UNIT\b",
        "dí sem mes año",
    ),
    "fr": _rules(
        _numbers("deux trois quatre cinq six sept huit neuf dix onze douze quinze vingt trente quarante cinquante"),
        r"grandi\w*|plus tard|au début|à la fin|ensuite|rejoint\w*|doubl\w*|de \w+ à|autres?|au lieu de"
        r"|prévu\w*|estimé\w*",
        (r"\béquipe de NUM\b(?! (?:équipes|ans|années|mois|semaines|jours))", r"\b(?:nous étions|on était) NUM\b"),
        r"\b(?:la|le|notre|ma|mon) (?P<about>\w{3,30}) (?:a duré|a pris|nous a pris) "
        r"(?:environ |presque |seulement )?NUM UNIT\b",
        "jou sem moi an",
    ),
}

_MADE = "built|wrote|designed|created|developed|implemented|rewrote|led|migrated|launched|set up"
_WHO = r"i|we|he|she|(?:my|a) (?:manager|colleague|boss|lead|teammate)"
_STOP = r"(?!(?:and|for|in|on|at|to|with|from|by|that|which|so|because|when|but|as|myself|ourselves|together)\b)"
_DOER = re.compile(
    rf"\b(?P<who>{_WHO}) (?:also |then |mostly |personally )?(?P<did>{_MADE}) (?:the|our|a|an|that) "
    rf"(?P<about>{_STOP}[a-z]{{3,20}}(?: {_STOP}[a-z]{{3,20}}){{0,2}})"
)


def _doers(said: str) -> list[Claim]:
    sizes = {"i": 0.0, "we": 1.0}
    return [
        Claim(Kind.DOER, match["about"], match["did"], sizes.get(match["who"], 2.0)) for match in _DOER.finditer(said)
    ]
