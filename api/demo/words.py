"""How far two texts lie apart, word by word."""

from bot.interview.commands import words


def word_errors(said: str, heard: str) -> int:
    """Return how many words must be put in, left out or exchanged to make `heard` of `said` (Levenshtein, 1966).

    Case, punctuation and apostrophes don't count.
    """
    reference, hypothesis = words(said), words(heard)
    row = list(range(len(hypothesis) + 1))
    for index, word in enumerate(reference, 1):
        before, row = row, [index]
        for at, other in enumerate(hypothesis, 1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (word != other)))
    return row[-1]


def is_heard(said: str, heard: str, *, most: float) -> bool:
    """Whether at most the share `most` of the words of `said` is wrong in `heard`; one wrong word always may be."""
    return word_errors(said, heard) <= max(1.0, most * len(words(said)))
