"""Texts that others wrote, before anything is taken from them: what is meant for a model or a rater is left out."""

import re
from collections.abc import Sequence

from api.evaluation.injection import meant_for_the_rater

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


def readable(text: str) -> tuple[str, int]:
    """Return a text without the sentences that give orders to whoever reads it, and how many were left out.

    Two neighbours are looked at together too, for an order that is spread over a line break.
    """
    sentences = [sentence.strip() for sentence in _SENTENCE.split(text)]
    hostile = {at for at, sentence in enumerate(sentences) if meant_for_the_rater(sentence)}
    for at in range(len(sentences) - 1):
        if not {at, at + 1} & hostile and meant_for_the_rater(f"{sentences[at]} {sentences[at + 1]}"):
            hostile |= {at, at + 1}
    if not hostile:
        return text, 0
    return "\n".join(sentence for at, sentence in enumerate(sentences) if at not in hostile), len(hostile)


def left_out(count: int, what: str) -> Sequence[str]:
    """Return a warning where sentences of `what` were left out."""
    if not count:
        return ()
    sentences = "1 sentence" if count == 1 else f"{count} sentences"
    return (f"{sentences} of {what} read like orders to a model or a rater and had no effect.",)
