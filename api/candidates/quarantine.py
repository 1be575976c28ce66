"""What of a résumé nobody is meant to see, or a model is meant to obey: told, and kept out of everything else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.candidates.extraction import Extracted, extract
from api.candidates.reader import Hidden, PageText, PdfText
from prompts import Found, the_detector, without

MOST_QUARANTINED = 200
ORDERS = {
    "override": "tells a reader to drop its rules",
    "reward": "asks a rater for a result",
    "role": "gives a model another role",
    "address": "is addressed to a rater or a model",
    "hint": "says how rating works",
    "leak": "asks for hidden instructions",
    "encoded": "is written in a code",
    "markup": "plays a message to a model",
}


@dataclass(frozen=True, slots=True)
class ReadResume:
    """A résumé as it is used. pages: without what is under quarantine; extracted: from those."""

    pages: tuple[PageText, ...]
    extracted: Extracted
    quarantine: tuple[Hidden, ...]


def read_resume(pdf: PdfText) -> ReadResume:
    """Return a résumé without what is hidden in it or meant for a model. Takes up to a second."""
    found = the_detector().find_in([page.text for page in pdf.pages])
    pages = tuple(
        PageText(page=page.page, text=without(page.text, places, "").strip())
        for page, places in zip(pdf.pages, found, strict=True)
    )
    held = [*pdf.hidden, *_orders(pdf.pages, found), *_notes(pdf)]
    extracted = extract([(page.page, page.text) for page in pages])
    return ReadResume(pages, extracted, tuple(sorted(held, key=lambda one: one.page)[:MOST_QUARANTINED]))


def _orders(pages: Sequence[PageText], found: Sequence[Sequence[Found]]) -> Iterator[Hidden]:
    for page, places in zip(pages, found, strict=True):
        for one in places:
            yield Hidden(page=page.page, text=page.text[one.start : one.end], why=ORDERS.get(one.kind, one.kind))


def _notes(pdf: PdfText) -> Iterator[Hidden]:
    """Notes are never part of the text; they are told when a viewer hides them or when they give orders."""
    for note in pdf.notes:
        orders = the_detector().find(note.text)
        if note.hidden or orders:
            why = f"{ORDERS.get(orders[0].kind, orders[0].kind)}, in {note.why}" if orders else note.why
            yield Hidden(page=note.page, text=note.text, why=why)
