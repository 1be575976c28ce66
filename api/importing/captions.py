"""Captions as transcripts: WebVTT (W3C), with voices or with "Name:" before the words, and SRT."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape

from api.importing import Said
from api.importing.clocks import CLOCK, clock_ms
from api.importing.faults import bad
from api.importing.labels import label_of

TOGETHER_MS = 2_000  # a longer silence parts what one speaker says into turns
LONGEST_TURN_MS = 20_000  # a turn that has lasted so long ends with its sentence

_TIMES = re.compile(rf"\s{{0,20}}({CLOCK})[ \t]{{1,20}}-->[ \t]{{1,20}}({CLOCK})(?:[ \t].*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?[ \t]+([^<>]{1,200})>")
_TAG = re.compile(r"<[^<>]{0,200}>")
_SENTENCE_ENDS = tuple(".?!…。？！")


def captions(lines: Sequence[str]) -> list[Said]:
    """Return who said what in captions; cues of one speaker that follow each other closely are one turn."""
    cues = list(_cues(lines))
    if not cues:
        raise bad("holds no cue with words", "send WebVTT or SRT with lines like 00:00:01.000 --> 00:00:04.000")
    return list(_joined(_spoken_on(cues)))


def _cues(lines: Sequence[str]) -> Iterator[Said]:
    number, last = 0, len(lines)
    while number < last:
        line = lines[number]
        number += 1
        if "-->" not in line:
            continue
        times = _TIMES.fullmatch(line[:300])
        start, end = (clock_ms(each) for each in times.groups()) if times else (None, None)
        if start is None or end is None:
            raise bad("has an arrow without two times", "write it as 00:00:01.000 --> 00:00:04.000", number)
        begin = number
        while number < last and lines[number].strip() and "-->" not in lines[number]:
            number += 1
        payload = lines[begin:number]
        if number < last and "-->" in lines[number] and payload and payload[-1].strip().isdecimal():
            payload = payload[:-1]  # the number of the next cue, with no empty line before it
        for speaker, text in _voices(" ".join(payload)):
            yield Said(speaker, text, begin, start, max(start, end))


def _voices(payload: str) -> Iterator[tuple[str, str]]:
    before, *rest = _VOICE.split(payload)
    for speaker, words in (("", before), *zip(rest[::2], rest[1::2], strict=True)):
        name, text = unescape(speaker).strip(), unescape(_TAG.sub("", words)).strip()
        if not name and (label := label_of(text)) is not None:
            name, text = label.name, label.rest
        if text:
            yield name, text


def _spoken_on(cues: Sequence[Said]) -> Iterator[Said]:
    """Whoever was named last goes on until somebody else is named."""
    speaker = ""
    for cue in cues:
        speaker = cue.speaker or speaker
        yield replace(cue, speaker=speaker)


def _joined(cues: Iterator[Said]) -> Iterator[Said]:
    held: Said | None = None
    for cue in cues:
        if held is not None and _goes_on(held, cue):
            held = replace(held, text=f"{held.text} {cue.text}", end_ms=max(held.end_ms or 0, cue.end_ms or 0))
            continue
        if held is not None:
            yield held
        held = cue
    if held is not None:
        yield held


def _goes_on(held: Said, cue: Said) -> bool:
    if held.speaker != cue.speaker or held.start_ms is None or held.end_ms is None or cue.start_ms is None:
        return False
    unfinished = not held.text.endswith(_SENTENCE_ENDS)
    short = held.end_ms - held.start_ms < LONGEST_TURN_MS
    return cue.start_ms - held.end_ms <= TOGETHER_MS and (unfinished or short)
