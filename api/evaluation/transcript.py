"""A transcript as the evaluation reads it: turns, exact quotes out of them, and who spoke for how long."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bot.interview import Role
from bot.interview.signals import signals_in

LONGEST_QUOTE = 240  # characters; a run-on sentence is cut between two words
QUOTES = 3
ASKING = frozenset({Role.BOT, Role.INTERVIEWER})
SHORTEST_QUOTE_WORDS = 4  # fewer are a remark; they are quoted only when there is nothing else
AROUND_MS = 1000  # of sound before and after where words ought to stand in their turn
PAUSE_MS = 2000  # shorter silences are ordinary turn-taking

SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"'”»)]*(?=\s|\Z)|[。！？]|\Z)", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Turn:
    """One final turn. Times: ms of the call."""

    seq: int
    role: str
    text: str
    start_ms: int
    end_ms: int
    question_id: str | None
    confidence: float | None

    @property
    def ms(self) -> int:
        """How long it lasted."""
        return max(0, self.end_ms - self.start_ms)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words exactly as they stand in a turn, from its character `start` on."""

    turn: Turn
    start: int
    text: str

    @property
    def start_ms(self) -> int:
        """About when it begins, a little early: turns have times, words are where they stand among its characters."""
        return max(self.turn.start_ms, self._at(self.start) - AROUND_MS)

    @property
    def end_ms(self) -> int:
        """About when it is over, a little late."""
        return min(self.turn.end_ms, self._at(self.start + len(self.text)) + AROUND_MS)

    def _at(self, character: int) -> int:
        return self.turn.start_ms + round(self.turn.ms * character / max(1, len(self.turn.text)))

    def told(self) -> dict[str, Any]:
        """As plain values."""
        turn = self.turn
        times = {"start_ms": self.start_ms, "end_ms": self.end_ms}
        return {"quote": self.text, "seq": turn.seq, "start": self.start, **times, "confidence": turn.confidence}


def read_turns(turns: Iterable[Mapping[str, Any]]) -> list[Turn]:
    """Turns from the data of `turn.final` events, in order of `seq`; of two with one number the first counts."""
    found: dict[int, Turn] = {}
    for data in turns:
        turn = Turn(
            seq=data["seq"],
            role=str(data["role"]),
            text=data["text"],
            start_ms=data["start_ms"],
            end_ms=data["end_ms"],
            question_id=data.get("question_id"),
            confidence=data.get("confidence"),
        )
        found.setdefault(turn.seq, turn)
    return [found[seq] for seq in sorted(found)]


def count_words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


def key_points(sentences: Sequence[Quote], language: str) -> list[Quote]:
    """The sentences that between them hold most of what an answer says, at most `QUOTES`, in the order they were said.

    Chosen one by one for what they add to those already chosen: first signals and figures, then words not yet quoted.
    """
    full = [quote for quote in sentences if count_words(quote.text) >= SHORTEST_QUOTE_WORDS]
    left = [(quote, _marks(quote.text, language), _terms(quote.text)) for quote in full or sentences]
    chosen: list[Quote] = []
    marks: set[str] = set()
    terms: set[str] = set()
    while left and len(chosen) < QUOTES:
        best = max(left, key=lambda one: (len(one[1] - marks), len(one[2] - terms)))
        if not best[2] - terms:
            break
        left.remove(best)
        chosen.append(best[0])
        marks |= best[1]
        terms |= best[2]
    return sorted(chosen, key=lambda quote: (quote.turn.seq, quote.start))


def _marks(text: str, language: str) -> set[str]:
    figures = {"figure"} if any(character.isdigit() for character in text) else set()
    return figures | {str(signal) for signal in signals_in(text, language)}


def _terms(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if len(word) > 3} or {text.lower()}


def timing(turns: Sequence[Turn], call_ms: int | None, longest_answer_ms: int) -> dict[str, Any]:
    """Who spoke for how long, and where nobody did. talk_ratio: the candidate's share, None without speech."""
    roles = (Role.BOT, Role.INTERVIEWER, Role.CANDIDATE)
    spoken = {role: _joined(turn for turn in turns if turn.role == role) for role in roles}
    bot_ms, interviewer_ms, candidate_ms = (sum(end - start for start, end in spoken[role]) for role in roles)
    everybody = _joined(turns)
    gaps = [after[0] - before[1] for before, after in pairwise(everybody)]
    pauses = [gap for gap in gaps if gap >= PAUSE_MS]
    if call_ms is None:
        call_ms = everybody[-1][1] - everybody[0][0] if everybody else 0
    all_ms = bot_ms + interviewer_ms + candidate_ms
    return {
        "call_ms": call_ms,
        "bot_ms": bot_ms,
        "interviewer_ms": interviewer_ms,
        "candidate_ms": candidate_ms,
        "talk_ratio": round(candidate_ms / all_ms, 3) if all_ms else None,
        "longest_answer_ms": longest_answer_ms,
        "pauses": {"count": len(pauses), "longest_ms": max(pauses, default=0), "total_ms": sum(pauses)},
    }


def _joined(turns: Iterable[Turn]) -> list[tuple[int, int]]:
    """Stretches of speech without overlap, in order."""
    stretches: list[tuple[int, int]] = []
    for start, end in sorted((turn.start_ms, turn.end_ms) for turn in turns if turn.ms):
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((start, end))
    return stretches
