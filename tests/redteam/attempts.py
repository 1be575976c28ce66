"""Attempts to be rated by telling the rater, and harmless sentences with the same words: read from the files here."""

from dataclasses import dataclass
from pathlib import Path

from prompts.files import read_yaml

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. channel: how it reaches us; texts: its pieces, one for each turn or paragraph."""

    id: str
    channel: str
    language: str
    kind: str
    texts: tuple[str, ...]


def attempts(*channels: str) -> list[Attempt]:
    """Return the attempts that come by some channels, or all."""
    read = [each for name in ("transcript", "written") for each in read_yaml(_HERE / f"{name}.yaml").data["attempts"]]
    found = [
        Attempt(
            id=each["id"],
            channel=each.get("channel", "transcript"),
            language=each["language"],
            kind=each["kind"],
            texts=tuple(each.get("turns") or [each["text"]]),
        )
        for each in read
    ]
    return [one for one in found if not channels or one.channel in channels]


def harmless() -> list[str]:
    """Return what is no attempt, in every language."""
    return [text for texts in read_yaml(_HERE / "harmless.yaml").data.values() for text in texts]
