"""How whoever asks says that a question is over, or all of them: what follows does not belong to it any more."""

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
_MOVES_ON = re.compile(
    r"\b(?:(?:the )?next (?:question|one|topic|thing)|(?:move|go|moving) on\b(?! with)|(?:one )?last question"
    r"|(?:let(?:s| us)|ill|im going to) (?:now )?(?:turn|switch|come) to|id like to talk about|another question"
    r"|change of topic"
    r"|(?:zur|die) nächsten? frage|kommen wir zu|nächste(?:s|r)? thema|(?:eine|meine) letzte frage|andere frage"
    r"|siguiente (?:pregunta|tema)|pasemos a|última pregunta|otra pregunta|cambiando de tema"
    r"|question suivante|passons (?:à|au)|dernière question|prochaine question|changeons de sujet)\b"
)
_CLOSES = re.compile(rf"\b(?:{'|'.join((*_ENGLISH, *_GERMAN, *_SPANISH, *_FRENCH))})\b")


def closes(text: str) -> bool:
    """Tell whether a turn of whoever asks ends the questions."""
    return _CLOSES.search(" ".join(words(text))) is not None


def moves_on(text: str) -> bool:
    """Tell whether a turn of whoever asks says that another question comes now."""
    return _MOVES_ON.search(" ".join(words(text))) is not None
