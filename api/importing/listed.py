"""Transcripts as lists of objects: our own, and those that meeting bots and recognisers give.

Known: ours (`transcript.jsonl`, GET …/transcript, golden interviews), Vexa and Whisper (`segments` of start and end in
seconds), Attendee (`speaker_name`, `timestamp_ms`, `transcription`), Recall (`participant`, `words` with timestamps).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.importing import LONGEST_MS, Said
from api.importing.clocks import clock_ms, seconds_ms
from api.importing.faults import bad
from api.importing.parts import role_told

LISTS = ("turns", "data", "segments", "utterances", "transcript", "transcripts", "results", "entries")
TODO = "send a list of objects with speaker and text, and start_ms and end_ms where they are known"


def listed(value: Any, names: Mapping[str, str] | None = None) -> list[Said]:
    """Return who said what in a list, or in the list that an object holds. names: of a role, whose it is."""
    entries = value if isinstance(value, list) else _list_in(value)
    found = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise bad(f"is {_kind(entry)}, not an object", TODO, number)
        said = _said(entry, number, names or {})
        if said.text:
            found.append(said)
    return found


def _list_in(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        for name in LISTS:
            if isinstance(value.get(name), list):
                entries: Sequence[Any] = value[name]
                return entries
    raise bad(f"is {_kind(value)} without a list of turns", TODO)


def _said(entry: Mapping[str, Any], number: int, names: Mapping[str, str]) -> Said:
    role = role_told(entry.get("role"))
    speaker = _speaker(entry) or names.get(role or "", role or "")
    start_ms, end_ms = _times(entry, number)
    question = entry.get("question_id", entry.get("question"))
    return Said(
        speaker,
        _text(entry, number),
        number,
        start_ms,
        end_ms,
        seconds_ms(entry.get("pause"), number),
        role,
        question if isinstance(question, str) else None,
        _share(entry.get("confidence")),
    )


def _speaker(entry: Mapping[str, Any]) -> str:
    for name in ("speaker", "speaker_name", "participant", "speaker_label", "name", "user"):
        value = entry.get(name)
        if isinstance(value, dict):
            value = value.get("name") or value.get("id")
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return f"Speaker {value}"
    return ""


def _text(entry: Mapping[str, Any], number: int) -> str:
    for name in ("text", "transcript", "transcription", "content"):
        value = entry.get(name)
        if isinstance(value, dict):
            value = value.get("transcript", value.get("text"))
        if isinstance(value, str):
            return value.strip()
    if words := _words(entry):
        return " ".join(word["text"].strip() for word in words if isinstance(word.get("text"), str))
    raise bad("has no text", TODO, number)


def _words(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    words = entry.get("words")
    return [word for word in words if isinstance(word, dict)] if isinstance(words, list) else []


def _times(entry: Mapping[str, Any], number: int) -> tuple[int | None, int | None]:
    start = _ms(entry, number, "start_ms", "timestamp_ms")
    end = _ms(entry, number, "end_ms")
    if start is not None and end is None and (lasted := _ms(entry, number, "duration_ms")) is not None:
        end = start + lasted
    if start is None:
        start = _moment(entry, number, "start", "start_time", "start_timestamp", "timestamp")
        end = _moment(entry, number, "end", "end_time", "end_timestamp") if end is None else end
    if start is None and (words := _words(entry)):
        start = _moment(words[0], number, "start_timestamp", "start")
        end = _moment(words[-1], number, "end_timestamp", "end")
    return start, end if end is None or start is None else max(start, end)


def _ms(entry: Mapping[str, Any], number: int, *names: str) -> int | None:
    for name in names:
        value = entry.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not -LONGEST_MS <= value <= LONGEST_MS:
            raise bad(f"has a {name} that is no time of a call", "give milliseconds from the beginning", number)
        return max(0, round(value))
    return None


def _moment(entry: Mapping[str, Any], number: int, *names: str) -> int | None:
    for name in names:
        value = entry.get(name)
        if isinstance(value, dict):
            value = value.get("relative")
        found = clock_ms(value) if isinstance(value, str) else seconds_ms(value, number)
        if found is not None:
            return found
    return None


def _share(value: object) -> float | None:
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if whole and 0 <= value <= 1 else None  # type: ignore[arg-type,operator]


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
