# ruff: noqa: E501  (one way to say it a line)
"""How an interviewer gives the bot the floor in words, and takes it back: a clause that says that and nothing else.

Whoever says it must be an interviewer; that is for the caller to know. A candidate who says the same asks for nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.interview import Leader
from bot.interview.commands import clauses

MOST_WORDS = 16  # of a clause that hands something over
MOST_QUESTIONS = 20


@dataclass(frozen=True, slots=True)
class Handover:
    """Who is to ask from here on. questions: how many; None for all there are."""

    to: Leader
    questions: int | None = None


class Why(StrEnum):
    """Why the bot hands the floor back, or does not get it."""

    DONE = "done"  # so many questions were asked
    NOTHING_LEFT = "nothing_left"
    TAKEN_BACK = "taken_back"
    INTERVIEWER_ASKED = "interviewer_asked"  # one of the plan's questions, themselves
    HUMAN_REQUESTED = "human_requested"
    SILENCE = "silence"  # of the candidate's
    MODE = "mode"  # it was changed


@dataclass(frozen=True, slots=True)
class _Ways:
    """How one language says it; all are expressions over lower-case words, `{n}` stands for a number.

    numbers: its number words from one on; more: other words for numbers; single: one question, without a number.
    before, after: what may stand around it.
    """

    numbers: tuple[str, ...]
    more: Mapping[str, int]
    before: str
    single: tuple[str, ...]
    gives: tuple[str, ...]
    takes: tuple[str, ...]
    after: str


_ASKS = r"(?:take over|taking over|take|taking|ask|asking|do|doing|handle|handling|cover|covering)"
_OVER = r"(?:(?:(?:ill|i will|let me|im going to|i am going to) )?(?:hand(?:ing)?|pass(?:ing)?|give|giving) (?:it |this |you the floor )?(?:over )?to (?:you|viva)|(?:its )?over to (?:you|viva))"

_EN = _Ways(
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    {"a couple of": 2, "couple of": 2, "couple": 2, "few": 3, "a few": 3},
    r"please|okay|ok|so|now|well|right|all right|alright|good|great|perfect|and|thanks|thank you|then|perhaps|maybe|hey|viva|"
    r"can you|could you|would you|will you|would you mind|do you mind|why dont you|i would like you to|id like you to|i want you to|you can|you may|you",
    (
        r"{asks}(?: over)? (?:the|your) next (?:question|one)",
        r"(?:take|taking) over for (?:the )?(?:next|one) question",
        r"{over} for the next (?:question|one)",
        r"go ahead with (?:the|your) next (?:question|one)",
    ),
    (
        r"{asks}(?: for| with)? (?:the |your )?next {n}(?: questions)?",
        r"{asks}(?: for| with)? (?:{n} (?:more )?questions|the next questions|the (?:rest|remaining)(?: of the)? questions)",
        r"(?:take|taking) over(?: from)?(?: here| me| now| for me| for a (?:while|bit|moment|minute))?",
        r"(?:take|taking) (?:it|this)(?: over)? (?:from here|from now on|for a (?:while|bit|moment|minute))",
        r"(?:take|taking) the floor(?: for a (?:while|bit|moment|minute))?",
        r"{over}(?: from here| now| for a (?:while|bit|moment|minute))?",
        r"{over} for (?:the )?(?:next )?(?:{n} )?questions",
        r"go ahead with (?:the |your )?(?:next )?(?:{n} )?questions",
    ),
    (
        r"(?:ill|i will|let me|i can|id like to|i would like to|im going to|i am going to|i want to) "
        r"(?:take (?:it|this|over|the floor|this one|the next (?:one|question))(?: back| over| again)?(?: (?:from here|from now on|now|again|from you|myself))?"
        r"|(?:carry|go) on(?: (?:from here|now|myself))?|continue(?: (?:from here|now|myself))?"
        r"|ask (?:the (?:next|rest of the|remaining) (?:one|questions?)|from here)(?: (?:myself|now))?)",
        r"(?:give|hand) (?:it|the floor) back(?: to me)?|hand back(?: to me)?|back to me",
        r"(?:stop|pause) (?:asking|your questions|asking questions)",
        r"that(?:s| is| will be) enough(?: questions)?(?: for now)?(?: from you)?",
    ),
    r"please|now|then|thanks|thank you|viva|for me|again|if you like|if you dont mind",
)
_DE = _Ways(
    ("eine", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
    {"paar": 3},
    r"bitte|okay|ok|so|also|gut|danke|vielen dank|und|dann|jetzt|nun|viva|könnten sie|können sie|würden sie|kannst du|könntest du|würdest du|vielleicht",
    (
        r"(?:übernehmen sie|übernimm|stellen sie|stell|stelle)(?: bitte)?(?: du)? die nächste frage",
        r"die nächste frage (?:übernehmen|stellen)(?: sie)?",
    ),
    (
        r"(?:übernehmen sie|übernimm|stellen sie|stell|stelle)(?: bitte)?(?: du)? die nächsten (?:{n} )?fragen",
        r"die nächsten (?:{n} )?fragen (?:übernehmen|stellen)(?: sie)?",
        r"(?:übernehmen sie|übernimm)(?: bitte)?(?: du)?(?: (?:ab hier|ab jetzt|jetzt|mal|kurz|für mich|das wort|für eine weile)){0,2}",
        r"übernehmen",
        r"(?:machen sie|mach)(?: bitte)?(?: du)? (?:ab hier|ab jetzt) weiter",
    ),
    (
        r"(?:ab hier|ab jetzt|jetzt|nun|dann) (?:übernehme ich|mache ich|frage ich)(?: (?:wieder|selbst|weiter)){0,2}",
        r"ich (?:übernehme|mache|frage)(?: (?:ab hier|ab jetzt|jetzt|nun|dann|wieder|selbst|weiter|das)){0,4}",
        r"ich stelle die (?:nächsten?|restlichen|weiteren) fragen?(?: (?:wieder|selbst)){0,2}",
        r"(?:zurück an mich|geben sie (?:das wort )?(?:bitte )?(?:wieder )?(?:an mich )?zurück|gib (?:das wort )?(?:an mich )?zurück)",
    ),
    r"bitte|jetzt|dann|danke|wieder|viva|für mich",
)
_ES = _Ways(
    ("una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
    {"un par de": 2, "par de": 2},
    r"por favor|vale|bien|bueno|gracias|muchas gracias|y|ahora|entonces|viva|puedes|puede|podrías|podría|quieres|quiere|quizá|a ver",
    (
        r"(?:haz|haga|hacer|toma|tome|tomar|encárgate de|encárguese de) (?:tú |usted )?la (?:próxima|siguiente) pregunta",
    ),
    (
        r"(?:haz|haga|hacer|toma|tome|tomar|encárgate de|encárguese de) (?:tú |usted )?las (?:próximas |siguientes )(?:{n} )?preguntas",
        r"(?:haz|haga|hacer|toma|tome|tomar|encárgate de|encárguese de) (?:tú |usted )?las {n} (?:próximas |siguientes )?preguntas(?: siguientes)?",
        r"(?:toma|tome|tomar) (?:tú |usted )?(?:el relevo|la palabra|el control|el turno)",
        r"(?:sigue|siga|seguir|continúa|continúe|continuar) (?:tú|usted)(?: (?:desde|a partir de) (?:aquí|ahora))?",
    ),
    (
        r"(?:(?:desde|a partir de) (?:aquí|ahora) )?(?:ya )?(?:sigo|continúo|retomo)(?: yo)(?: (?:desde|a partir de) (?:aquí|ahora))?",
        r"(?:desde|a partir de) (?:aquí|ahora) (?:ya )?(?:sigo|continúo)",
        r"(?:ya )?(?:retomo|tomo)(?: yo)? (?:la palabra|el control|la entrevista|el relevo|el turno)(?: (?:desde|a partir de) (?:aquí|ahora))?",
        r"(?:devuélveme|devuélvame) (?:la palabra|el turno)",
    ),
    r"por favor|ahora|gracias|entonces|viva|otra vez|de nuevo",
)
_FR = _Ways(
    ("une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    {"quelques": 3},
    r"s il vous plaît|s il te plaît|sil vous plaît|sil te plaît|d accord|ok|bon|bien|merci|et|maintenant|alors|viva|pouvez vous|pourriez vous|peux tu|pourrais tu|vous pouvez|tu peux|peut être",
    (
        r"(?:posez|pose|poser|prenez|prends|prendre) la prochaine question",
        r"(?:posez|pose|poser|prenez|prends|prendre) la question suivante",
    ),
    (
        r"(?:posez|pose|poser|prenez|prends|prendre) les (?:{n} )?prochaines questions",
        r"(?:posez|pose|poser|prenez|prends|prendre) les (?:{n} )?questions suivantes",
        r"(?:posez|pose|poser|prenez|prends|prendre) les prochaines {n} questions",
        r"(?:prenez|prends|prendre) (?:le relais|la suite|la main|la parole)(?: (?:d ici|à partir d ici|maintenant|un moment))?",
        r"(?:continuez|continue|continuer)(?: vous| toi)? à partir d ici",
    ),
    (
        r"je (?:reprends|prends|vais reprendre|vais prendre)(?: (?:la suite|la main|le relais|la parole|l entretien))?(?: (?:d ici|à partir d ici|maintenant|à partir de maintenant|moi même))?",
        r"je (?:continue|vais continuer)(?: (?:d ici|à partir d ici|maintenant|à partir de maintenant|moi même))?",
        r"(?:rendez|rends) moi (?:la main|la parole)",
    ),
    r"s il vous plaît|s il te plaît|sil vous plaît|sil te plaît|maintenant|merci|alors|viva",
)
_LANGUAGES: Mapping[str, _Ways] = {"en": _EN, "de": _DE, "es": _ES, "fr": _FR}


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to say it. to: who gets the floor; questions: how many where no number is named."""

    pattern: re.Pattern[str]
    to: Leader
    questions: int | None = None


def _filled(way: str, numbers: str) -> str:
    return way.replace("{n}", numbers).replace("{asks}", _ASKS).replace("{over}", _OVER)


def _forms(ways: _Ways) -> tuple[_Form, ...]:
    numbers = rf"(?P<n>\d{{1,2}}|{'|'.join((*ways.more, *ways.numbers))})"
    around = rf"(?:(?:{ways.before}) ){{0,5}}", rf"(?: (?:{ways.after})){{0,2}}"

    def form(way: str, to: Leader, questions: int | None = None) -> _Form:
        return _Form(re.compile(f"{around[0]}(?:{_filled(way, numbers)}){around[1]}"), to, questions)

    return (
        *(form(way, Leader.INTERVIEWER) for way in ways.takes),
        *(form(way, Leader.BOT, 1) for way in ways.single),
        *(form(way, Leader.BOT) for way in ways.gives),
    )


_FORMS: Mapping[str, tuple[_Form, ...]] = {language: _forms(ways) for language, ways in _LANGUAGES.items()}


def handover(text: str, language: str) -> Handover | None:
    """Return what a turn of an interviewer's hands over, if it does; English is understood beside `language`."""
    known = {language: _FORMS.get(language, ()), "en": _FORMS["en"]}
    for said in clauses(text):
        if len(said.split()) > MOST_WORDS:
            continue
        for spoken, forms in known.items():
            for form in forms:
                if (found := form.pattern.fullmatch(said)) is not None:
                    named = found.groupdict().get("n")
                    return Handover(form.to, form.questions if named is None else _number(named, spoken))
    return None


def number_word(number: int, language: str) -> str | None:
    """The word for a number of questions, None for a large one or a language without such words."""
    words_ = _LANGUAGES[language].numbers if language in _LANGUAGES else ()
    return words_[number - 1] if 1 <= number <= len(words_) else None


def _number(named: str, language: str) -> int:
    ways = _LANGUAGES[language]
    if named in ways.more:
        return ways.more[named]
    number = int(named) if named.isdecimal() else ways.numbers.index(named) + 1
    return min(max(1, number), MOST_QUESTIONS)
