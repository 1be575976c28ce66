"""Words in a transcript that are meant for whoever rates it: flagged, left out of the evidence, never obeyed.

They cost the candidate nothing: somebody may well tell of instructions, and the rules only know the words.
"""

import re
from collections.abc import Iterable, Sequence

from api.evaluation.evidence import passages
from api.evaluation.transcript import Quote, Turn
from bot.interview import Role
from bot.interview.commands import words

_RULES = (
    r"(?:ignore|disregard|forget|override) (?:all |any |the |your |my |these |those |previous |prior |above |of )*"
    r"(?:instructions?|rules?|rubric|prompts?|criteria|anchors|guidelines)",
    r"(?:give|award|assign|grant) (?:me|this candidate|the candidate|this answer|my answers?) "
    r"(?:the |a |an |my |full |all )*(?:highest|best|perfect|maximum|max|top|full|five|ten|\d+|good|strong)\b",
    r"(?:score|rate|mark|grade|evaluate|rank) (?:me|this|my|the candidate|it)\b.{0,40}"
    r"\b(?:highest|best|perfect|maximum|top|five|ten|5|10|100|strong|excellent|high)\b",
    r"(?:mark|label|record|recommend) (?:me|this candidate|the candidate) (?:as |for |to )",
    r"(?:you are|act as|pretend to be|as) (?:now )?(?:an?|the|my) "
    r"(?:evaluator|grader|rater|scorer|assistant|ai|language model|llm|chatbot)",
    r"(?:note|message|instructions?) (?:to|for) (?:the |any |an )?"
    r"(?:evaluator|grader|rater|scorer|reviewer|assistant|ai|model|llm)",
    r"system (?:prompt|message|instruction)",
    r"(?:gib|geben sie) mir (?:die |eine |das )?(?:höchste|beste|volle)",
    r"(?:ignorier(?:e|en|t)|vergiss|vergessen) (?:sie )?(?:alle |die |deine |ihre )*(?:anweisungen|regeln|vorgaben)",
    r"donne(?:z)? ?moi (?:la |le |une )?(?:meilleure|plus haute|note maximale|maximum)",
    r"(?:ignore[zr]?|oublie[zr]?) (?:toutes? )?(?:les |tes |vos )(?:instructions|consignes|règles)",
    r"d[aeé]me (?:la |una |el )?(?:máxima|mejor|nota más alta|puntuación más alta)",
    r"(?:ignora|ignore|olvida|olvide) (?:todas )?(?:las |tus |sus )(?:instrucciones|reglas)",
)
_PATTERN = re.compile(r"\b(?:" + "|".join(_RULES) + ")")


def meant_for_the_rater(text: str) -> bool:
    """Tell whether a text holds an instruction to whoever rates it."""
    return _PATTERN.search(" ".join(words(text))) is not None


def flags(turns: Sequence[Turn]) -> list[Quote]:
    """Return the candidate's passages that hold such instructions, in the order they were said."""
    said: Iterable[Turn] = (turn for turn in turns if turn.role == Role.CANDIDATE)
    return [passage for turn in said for passage in passages(turn) if meant_for_the_rater(passage.text)]
