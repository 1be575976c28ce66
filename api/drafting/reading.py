"""Texts that others wrote, before anything is taken from them: what is meant for a model or a rater is left out."""

from collections.abc import Sequence

from prompts import the_detector, without


def readable(text: str) -> tuple[str, int]:
    """Return a text without what gives orders to whoever reads it, and how many places were left out."""
    found = the_detector().find(text)
    return without(text, found, " "), len(found)


def left_out(count: int, what: str) -> Sequence[str]:
    """Return a warning where places of `what` were left out."""
    if not count:
        return ()
    places = "1 place" if count == 1 else f"{count} places"
    return (f"{places} in {what} read like orders to a model or a rater and had no effect.",)
