"""Reads one PDF in a process of its own, since what is in it was made by strangers.

`python -m api.candidates.reading MEMORY_BYTES CPU_S`: the PDF on standard input; on standard output one JSON object,
`{"pages": [{"page": 1, "text": "…"}]}` or `{"flaw": "resume_encrypted"}`. It answers nothing and exits with another
code than 0 when the PDF breaks the reader.
"""

import io
import json
import re
import resource
import sys
from typing import Any

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

HEADER_WITHIN = 1024  # bytes before `%PDF-` that readers put up with
LEAST_LETTERS = 20  # on the fullest page; scanners write their name on each
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLANK_END = re.compile(r"[^\S\n]+$", re.MULTILINE)


def confine(memory_bytes: int, cpu_s: int) -> None:
    """Limit what this process may use; beyond its time it is killed, beyond its memory it gets `MemoryError`."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no copy of somebody's résumé on the disk


def pages_of(data: bytes) -> list[dict[str, Any]]:
    """Return the text of each page; raise `BadResume`, or whatever breaks pypdf."""
    if b"%PDF-" not in data[:HEADER_WITHIN]:
        raise NotPdf
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:  # "" opens what only forbids printing
        raise Encrypted
    if len(reader.pages) > MOST_PAGES:
        raise TooManyPages
    pages: list[dict[str, Any]] = []
    characters = 0
    for number, page in enumerate(reader.pages, 1):
        text = clean(page.extract_text())
        characters += len(text)
        if characters > MOST_CHARACTERS:
            raise TooComplex
        pages.append({"page": number, "text": text})
    if max((sum(map(str.isalnum, page["text"])) for page in pages), default=0) < LEAST_LETTERS:
        raise WithoutText
    return pages


def clean(text: str) -> str:
    """Return `text` as every database and reader can hold it: no control characters, no lone surrogates."""
    return _BLANK_END.sub("", _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip("\n")


def main() -> None:
    """Read standard input and answer on standard output."""
    confine(int(sys.argv[1]), int(sys.argv[2]))
    try:
        answer: dict[str, Any] = {"pages": pages_of(sys.stdin.buffer.read())}
    except BadResume as flaw:
        answer = {"flaw": flaw.code}
    except (MemoryError, LimitReachedError):
        answer = {"flaw": TooComplex.code}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
