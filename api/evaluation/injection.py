"""Words in a transcript that are meant for whoever rates it: flagged, left out of the evidence, never obeyed.

They cost the candidate nothing: somebody may well tell of instructions, and the rules (`prompts/hostile`) only know the
words. The rest of the sentence around them counts as if they had not been said.
"""

from collections.abc import Iterator, Mapping, Sequence

from api.evaluation.evidence import passages
from api.evaluation.transcript import Quote, Turn
from bot.interview import Role
from prompts import Found, the_detector


def meant_for_the_rater(text: str) -> bool:
    """Tell whether a text holds an instruction to whoever rates it."""
    return bool(the_detector().find(text))


def found_in(turns: Sequence[Turn]) -> dict[int, list[Found]]:
    """Return the places of such instructions in what the candidate said, by `seq`; one may be split over turns."""
    said = [turn for turn in turns if turn.role == Role.CANDIDATE]
    places = the_detector().find_in([turn.text for turn in said])
    return {turn.seq: found for turn, found in zip(said, places, strict=True) if found}


def flags(turns: Sequence[Turn], found: Mapping[int, Sequence[Found]] | None = None) -> list[Quote]:
    """Return such instructions as the candidate said them, in order; those that were `found_in` the turns."""
    places = found_in(turns) if found is None else found
    return [
        Quote(turn, one.start, turn.text[one.start : one.end]) for turn in turns for one in places.get(turn.seq, ())
    ]


def meant_for_people(turn: Turn, found: Mapping[int, Sequence[Found]]) -> Iterator[Quote]:
    """Yield the passages of a turn without what `found_in` found in it; each an exact part of the turn."""
    begin = 0
    for one in found.get(turn.seq, ()):
        yield from passages(turn, begin, one.start)
        begin = one.end
    yield from passages(turn, begin)
