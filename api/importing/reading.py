"""A transcript of any known format, from its bytes to who said what."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, NoReturn

from api.errors import Complaint, TooLarge
from api.importing import LONGEST_NAME, MOST_BYTES, MOST_TURNS, MOST_WORDS, Said
from api.importing.captions import captions
from api.importing.faults import WHERE, bad
from api.importing.listed import listed
from api.importing.written import written
from bot.interview import Role
from prompts.errors import BadFile
from prompts.files import parse_yaml

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u200b\u200e\u200f\u2028\u2029\ufeff]")
_YAML = re.compile(r"^turns:[ \t]*$", re.MULTILINE)


class Format(StrEnum):
    """What a transcript is written as."""

    JSON = "json"
    JSONL = "jsonl"
    VTT = "vtt"
    SRT = "srt"
    TEXT = "text"
    YAML = "yaml"


def decoded(data: bytes) -> str:
    """Return the text of a file; raise `BadTranscript` naming the line of a byte that is none, `TooLarge`."""
    if len(data) > MOST_BYTES:
        raise _too_large(f"more than {MOST_BYTES} bytes")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad(
            f"is not {encoding.upper()} text at byte {error.start}", "save it as UTF-8 and send it again", line
        ) from None


def read(content: str, format: Format | None = None) -> list[Said]:
    """Return who said what. format: told by what the text looks like where it is None.

    Raises `BadTranscript` with the line and what to do, `TooLarge` beyond `MOST_WORDS` or `MOST_TURNS`.
    """
    if len(content) > MOST_BYTES:
        raise _too_large(f"more than {MOST_BYTES} characters")
    text = content.lstrip("\ufeff")
    if not text.strip():
        raise bad("is empty", "send what was said")
    found = _read(text, format or format_of(text))
    said = [clean for one in found if (clean := _cleaned(one)).text]
    if not said:
        raise bad("holds no words", "send what was said")
    return _bounded(said)


def bounded_turns(turns: Sequence[Any]) -> list[Said]:
    """Return who said what in a list of turns that came as objects; raises as `read` does."""
    said = [clean for one in listed(list(turns)) if (clean := _cleaned(one)).text]
    if not said:
        raise bad("holds no words", "send what was said")
    return _bounded(said)


def format_of(text: str) -> Format:
    """Tell by its looks what a transcript is written as."""
    head = text.lstrip()
    if head.startswith("WEBVTT"):
        return Format.VTT
    if head.startswith("{"):
        first = head.split("\n", 1)[0]
        return Format.JSONL if first.rstrip().endswith("}") and "\n{" in head else Format.JSON
    if re.match(r"\[\s*(?:\{|\]|\[)", head):
        return Format.JSON
    if "-->" in head[:2000]:
        return Format.SRT
    return Format.YAML if _YAML.search(head) else Format.TEXT


def _read(text: str, format: Format) -> list[Said]:
    lines = text.splitlines()
    match format:
        case Format.JSON:
            return listed(_json(text, 1))
        case Format.JSONL:
            return listed([_json(line, number) for number, line in enumerate(lines, 1) if line.strip()])
        case Format.YAML:
            return _golden(text)
        case Format.VTT | Format.SRT:
            return captions(lines)
        case Format.TEXT:
            return written(lines)


def _json(text: str, line: int) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise bad(
            f"is not JSON: {error.msg}", "send well-formed JSON, or say which format it is", line + error.lineno - 1
        ) from None
    except (ValueError, RecursionError):
        raise bad("is JSON with a number or a depth that nobody needs", "send plainer JSON", line) from None


def _golden(text: str) -> list[Said]:
    """A golden interview: turns by role, and the candidate's name."""
    try:
        values = parse_yaml(text, "it").data
    except BadFile as error:
        raise bad(
            f"is not YAML that can be used: {error.detail}", "write it as the golden interviews are", error.line
        ) from None
    except ValueError:
        raise bad("holds a number that nobody needs", "write plainer YAML") from None
    candidate = values.get("candidate")
    name = candidate.get("name") if isinstance(candidate, dict) else None
    return listed(values, {Role.CANDIDATE.value: name} if isinstance(name, str) else {})


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _cleaned(one: Said) -> Said:
    """A turn without what can't be stored or shown."""
    speaker = _plain(one.speaker)[:LONGEST_NAME]
    return replace(one, speaker=speaker, text=_plain(one.text))


def _plain(text: str) -> str:
    well_formed = text.encode("utf-8", "replace").decode()
    return " ".join(_CONTROL.sub(" ", well_formed).split())


def _bounded(said: list[Said]) -> list[Said]:
    if len(said) > MOST_TURNS:
        raise _too_large(f"{len(said)} turns; {MOST_TURNS} are taken")
    if (words := sum(len(one.text.split()) for one in said)) > MOST_WORDS:
        raise _too_large(f"{words} words; {MOST_WORDS} are taken")
    return said


def _too_large(what: str) -> TooLarge:
    return TooLarge(Complaint(WHERE, f"the transcript holds {what}", "send the interview alone, or part of it"))
