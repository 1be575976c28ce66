"""The step between finding quotes and rating by them: each must be the candidate's own stored words, to the character.

It trusts nobody who found a quote, neither a model nor our own rules. What fails is dropped and counted.
"""

from collections.abc import Iterable, Sequence

from api.evaluation.evidence import Evidence
from api.evaluation.transcript import Turn
from bot.interview import Role


def verified(evidence: Iterable[Evidence], turns: Sequence[Turn]) -> tuple[list[Evidence], int]:
    """Return the evidence whose quotes hold, and how many were dropped.

    A quote holds when its turn is one of `turns` with the same words and times, the candidate's, and has exactly the
    quoted characters where the quote says they begin.
    """
    stored = {turn.seq: turn for turn in turns if turn.role == Role.CANDIDATE}
    given = list(evidence)
    kept = [one for one in given if _holds(one, stored.get(one.quote.turn.seq))]
    return kept, len(given) - len(kept)


def _holds(one: Evidence, turn: Turn | None) -> bool:
    quote = one.quote
    begin, end = quote.start, quote.start + len(quote.text)
    return turn == quote.turn and bool(quote.text.strip()) and begin >= 0 and turn.text[begin:end] == quote.text
