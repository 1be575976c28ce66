"""Reading PDFs of strangers: what comes out, what is refused, and what it may take."""

import sys
import zlib
from pathlib import Path

import psutil
import pytest

from api.candidates.errors import (
    MOST_CHARACTERS,
    BadResume,
    Damaged,
    Encrypted,
    NotPdf,
    TimedOut,
    TooComplex,
    TooManyPages,
    WithoutText,
)
from api.candidates.files import ResumeFiles
from api.candidates.reader import PdfReading, ReadingLimits
from api.candidates.reading import clean, read
from tests.fakes.pdfs import WORDS, bomb, column, deeply_nested, encrypted, own_parent, pdf, pdf_of


def test_each_page_keeps_its_text_and_number() -> None:
    assert read(pdf(WORDS, "", "References (two) on request"))["pages"] == [
        {"page": 1, "text": WORDS},
        {"page": 2, "text": ""},
        {"page": 3, "text": "References (two) on request"},
    ]


def test_a_pdf_that_only_forbids_printing_is_read() -> None:
    assert read(encrypted(pdf(WORDS), password=""))["pages"][0]["text"] == WORDS


def test_what_databases_cannot_hold_is_removed() -> None:
    assert clean("A\x00nn\ud800 \x1b[2J\r\nExample\t \n\n") == "Ann [2J\nExample"
    assert clean("Zoë 🙂 \U0001f600") == "Zoë 🙂 \U0001f600"


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"", NotPdf),
        (b"PK\x03\x04 a zip", NotPdf),
        (b" " * 2000 + pdf(WORDS), NotPdf),
        (encrypted(pdf(WORDS), password="secret"), Encrypted),
        (pdf("", ""), WithoutText),
        (pdf("CamScanner", "CamScanner"), WithoutText),
        (pdf(*[WORDS] * 31), TooManyPages),
        (pdf_of([column("\n".join(["x" * 20_000] * (MOST_CHARACTERS // 20_000 + 1)))]), TooComplex),
    ],
    ids=["empty", "zip", "late header", "encrypted", "scan", "stamped scan", "31 pages", "too much text"],
)
def test_what_is_wrong_is_told_apart(data: bytes, flaw: type[BadResume]) -> None:
    with pytest.raises(flaw):
        read(data)


def test_thirty_pages_are_read() -> None:
    assert len(read(pdf(*[WORDS] * 30))["pages"]) == 30


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("data", "flaws"),
    [
        (b"%PDF-1.7\nnothing of the kind", (Damaged,)),
        (pdf(WORDS)[:200], (Damaged,)),
        (deeply_nested(100_000), (Damaged, TooComplex)),
        (own_parent(), (Damaged, WithoutText)),
        (bomb(200_000_000), (TooComplex,)),
    ],
    ids=["garbage", "cut off", "deeply nested", "its own parent", "bomb"],
)
async def test_hostile_files_break_their_own_process_only(data: bytes, flaws: tuple[type[BadResume], ...]) -> None:
    reading = PdfReading()
    with pytest.raises(flaws):
        await reading.read(data)
    assert [page.text for page in (await reading.read(pdf(WORDS))).pages] == [WORDS]


@pytest.mark.real_time
async def test_one_that_takes_too_much_memory_is_refused() -> None:
    reading = PdfReading(ReadingLimits(memory_bytes=120 * 1024 * 1024))
    with pytest.raises(TooComplex):
        await reading.read(bomb(74_000_000))


@pytest.mark.real_time
async def test_one_that_takes_too_long_is_killed() -> None:
    busy = PdfReading(ReadingLimits(cpu_s=1))
    with pytest.raises(TimedOut):
        await busy.read(endless())
    slow = PdfReading(ReadingLimits(wall_s=0.05))
    with pytest.raises(TimedOut):
        await slow.read(pdf(WORDS))
    assert psutil.Process().children() == []


@pytest.mark.real_time
async def test_the_reading_process_knows_no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\nenv > {seen}\nexit 1\n")
    spy.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(spy))
    monkeypatch.setenv("LLM_KEY", "sk-very-secret")
    with pytest.raises(Damaged):
        await PdfReading().read(pdf(WORDS))
    assert "PATH=" in seen.read_text() and "sk-very-secret" not in seen.read_text()


def test_files_are_private_and_go_with_their_candidate(tmp_path: Path) -> None:
    files = ResumeFiles(tmp_path / "resumes")
    names = [files.write("cand_1", b"one"), files.write("cand_1", b"two"), files.write("cand_12", b"three")]
    assert (tmp_path / "resumes").stat().st_mode & 0o777 == 0o700
    assert {(tmp_path / "resumes" / name).stat().st_mode & 0o777 for name in names} == {0o600}
    files.remove(names[0])
    files.remove_all("cand_1")
    files.remove_all("cand_1")
    assert [path.read_bytes() for path in (tmp_path / "resumes").glob("*/*")] == [b"three"]


def endless() -> bytes:
    """Thirty pages of one operator after another: minutes of work in a few kilobytes."""
    return pdf_of([zlib.compress(b"BT (a) Tj ET " * 400_000)] * 30, b"/Filter /FlateDecode")
