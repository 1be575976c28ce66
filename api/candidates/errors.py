"""Why a résumé can't be used.

BadResume            a subclass of `Invalid`
 ├─ NotPdf               something else than a PDF
 ├─ Encrypted            it needs a password
 ├─ WithoutText          pictures of pages, without text
 ├─ TooManyPages         more than `MOST_PAGES`
 ├─ TooComplex           reading it takes too much memory, or it holds too much text
 ├─ TimedOut             reading it takes too long
 └─ Damaged              a PDF that can't be read
"""

from typing import ClassVar

from api.errors import Complaint, Invalid

MOST_BYTES = 5_000_000
MOST_PAGES = 30
MOST_CHARACTERS = 200_000


class BadResume(Invalid):
    """A résumé that can't be used. what: what is wrong with it; todo: what its sender can do."""

    code = "resume_unusable"
    what: ClassVar[str]
    todo: ClassVar[str] = "save it again as a plain PDF with text"

    def __init__(self) -> None:
        super().__init__(Complaint(("body", "file"), self.what, self.todo))


class NotPdf(BadResume):
    """Something else than a PDF."""

    code = "resume_not_pdf"
    what = "The file is not a PDF."
    todo = "send a PDF"


class Encrypted(BadResume):
    """It needs a password."""

    code = "resume_encrypted"
    what = "The PDF is encrypted and needs a password."
    todo = "save it without a password"


class WithoutText(BadResume):
    """Pictures of pages, without text."""

    code = "resume_without_text"
    what = "The PDF holds no text; it seems to be a scan."
    todo = "send the PDF that the text program wrote, or run text recognition on the scan"


class TooManyPages(BadResume):
    """More pages than are read."""

    code = "resume_too_many_pages"
    what = f"The PDF has more than {MOST_PAGES} pages."
    todo = f"send at most {MOST_PAGES} pages"


class TooComplex(BadResume):
    """Reading it takes too much memory, or it holds too much text."""

    code = "resume_too_complex"
    what = f"Reading the PDF takes too much memory, or it holds more than {MOST_CHARACTERS} characters."


class TimedOut(BadResume):
    """Reading it takes too long."""

    code = "resume_timed_out"
    what = "Reading the PDF takes too long."


class Damaged(BadResume):
    """A PDF that can't be read."""

    code = "resume_damaged"
    what = "The PDF is damaged and can't be read."


FLAWS = {flaw.code: flaw for flaw in (NotPdf, Encrypted, WithoutText, TooManyPages, TooComplex, TimedOut, Damaged)}
