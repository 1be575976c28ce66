"""Reads one PDF in a process of its own, since what is in it was made by strangers.

`python -m api.candidates.reading MEMORY_BYTES CPU_S`: the PDF on standard input; on standard output one JSON object,
`{"pages": […], "hidden": […], "notes": […]}` or `{"flaw": "resume_encrypted"}`. It answers nothing and exits with
another code than 0 when the PDF breaks the reader.

pypdf opens the file first, since it bounds what a stream may unpack to; PDFium, which reads and draws pages, is next.
"""

import io
import json
import re
import resource
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pypdfium2
from pypdf import PasswordType, PdfReader
from pypdf.errors import LimitReachedError

from api.candidates.errors import (
    MOST_CHARACTERS,
    MOST_PAGES,
    BadResume,
    Encrypted,
    NotPdf,
    TooComplex,
    TooManyPages,
    WithoutText,
)
from api.candidates.layout import seen

HEADER_WITHIN = 1024  # bytes before `%PDF-` that readers put up with
MOST_NOTES = 200
LONGEST_NOTE = 2000  # characters
HIDDEN = 2 | 32  # flags of an annotation: hidden, no view (ISO 32000-1, 12.5.3)
LEAST_LETTERS = 20  # on the fullest page; scanners write their name on each
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLANK_END = re.compile(r"[^\S\n]+$", re.MULTILINE)


def confine(memory_bytes: int, cpu_s: int) -> None:
    """Limit what this process may use; beyond its time it is killed, beyond its memory it gets `MemoryError`."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no copy of somebody's résumé on the disk


def read(data: bytes) -> dict[str, Any]:
    """Return what a PDF says; raise `BadResume`, or whatever breaks pypdf.

    pages: `{page, text}`. hidden: `{page, text, why}`, words that nobody sees. notes: `{page, text, why, hidden}`, what
    is in it and on no page: notes, form fields, metadata.
    """
    if b"%PDF-" not in data[:HEADER_WITHIN]:
        raise NotPdf
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:  # "" opens what only forbids printing
        raise Encrypted
    if len(reader.pages) > MOST_PAGES:
        raise TooManyPages
    for page in reader.pages:
        if (contents := page.get_contents()) is not None:
            contents.get_data()  # raises `LimitReachedError` where it unpacks to too much
    pages, hidden = _seen(data)
    if max((sum(map(str.isalnum, page["text"])) for page in pages), default=0) < LEAST_LETTERS:
        raise WithoutText
    return {"pages": pages, "hidden": hidden, "notes": list(islice(_notes(reader), MOST_NOTES))}


def _seen(data: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    pages: list[dict[str, Any]] = []
    hidden: list[dict[str, Any]] = []
    characters = 0
    for number, page in enumerate(pypdfium2.PdfDocument(data), 1):
        found = seen(page)
        text = "\n".join(line for each in found.lines if (line := clean(each)))
        pages.append({"page": number, "text": text})
        hidden += [{"page": number, "text": clean(words), "why": why} for words, why in found.hidden]
        characters += len(text) + sum(len(words) for words, _ in found.hidden)
        if characters > MOST_CHARACTERS:
            raise TooComplex
    return pages, hidden


def _notes(reader: PdfReader) -> Iterator[dict[str, Any]]:
    for name, value in (reader.metadata or {}).items():
        if name in ("/Title", "/Subject", "/Keywords", "/Author"):
            yield {"page": 1, "text": _short(value), "why": "metadata", "hidden": False}
    for number, page in enumerate(reader.pages, 1):
        for each in page.get("/Annots") or ():
            yield from _note(number, each.get_object())


def _note(number: int, annotation: Any) -> Iterator[dict[str, Any]]:
    hidden = bool(int(annotation.get("/F", 0)) & HIDDEN)
    for key, why in (("/Contents", "a note"), ("/V", "a form field")):
        if isinstance(text := annotation.get(key), str) and text.strip():
            yield {"page": number, "text": _short(text), "why": f"{why}, hidden" if hidden else why, "hidden": hidden}


def _short(text: object) -> str:
    return clean(" ".join(str(text)[:LONGEST_NOTE].split()))


def clean(text: str) -> str:
    """Return `text` as every database and reader can hold it: no control characters, no lone surrogates."""
    return _BLANK_END.sub("", _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip("\n")


def main() -> None:
    """Read standard input and answer on standard output."""
    confine(int(sys.argv[1]), int(sys.argv[2]))
    try:
        answer = read(sys.stdin.buffer.read())
    except BadResume as flaw:
        answer = {"flaw": flaw.code}
    except (MemoryError, LimitReachedError):
        answer = {"flaw": TooComplex.code}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
