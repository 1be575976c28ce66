"""How whoever asks says that their questions are over: what follows belongs to none of them."""

import re

from bot.interview.commands import words

_ENGLISH = (
    r"(?:those were|that(?:s| is| was)) (?:all (?:of )?)?(?:my|our|the) (?:last |final )?questions?(?! is)",
    r"no (?:more|further|other) questions",
    r"(?:any|what|which|other) questions? (?:\w+ ){0,3}for (?:me|us)",
    r"(?:time|turn) for your questions|your questions (?:for|about) ",
    r"(?:anything|what|what else|something) (?:else )?(?:youd|you would|would you|you) (?:like|want) to (?:know|ask)",
    r"stop here|thank(?:s| you) (?:\w+ ){0,3}for your time|good ?bye",
)
_GERMAN = (
    r"das war (?:meine|unsere) letzte frage|das waren (?:\w+ ){0,2}fragen",
    r"(?:haben sie|hast du|gibt es) (?:noch |sonst )?(?:\w+ )?fragen?",
    r"(?:möchten|wollen) sie (?:\w+ ){0,4}(?:wissen|fragen)",
    r"auf wieder(?:sehen|hören)|danke für ihre zeit",
)
_SPANISH = (
    r"es[ao] (?:era|fue|es) (?:mi|nuestra|la) última pregunta|es[at]as (?:eran|son) (?:\w+ ){0,2}preguntas",
    r"tiene (?:alguna|otra|más|usted) ?(?:\w+ )?preguntas?",
    r"(?:le gustaría|quiera|quiere) (?:saber|preguntar(?:me|nos)?)|gracias por su tiempo|adiós",
)
_FRENCH = (
    r"c ?était (?:ma|notre|la) dernière question|c ?étaient (?:\w+ ){0,2}questions",
    r"avez vous (?:d(?:es|autres)?|une autre) ?questions?",
    r"(?:aimeriez|voudriez|souhaitez)(?: vous)? (?:me |nous )?(?:savoir|demander)|merci pour votre temps|au revoir",
)
_CLOSES = re.compile(rf"\b(?:{'|'.join((*_ENGLISH, *_GERMAN, *_SPANISH, *_FRENCH))})\b")


def closes(text: str) -> bool:
    """Tell whether a turn of whoever asks ends the questions."""
    return _CLOSES.search(" ".join(words(text))) is not None
