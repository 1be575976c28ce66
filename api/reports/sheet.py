"""A sheet of paper as the report needs it: headings, paragraphs, quotes, levels, a timeline; FiraGO throughout.

FiraGO (SIL OFL, from the package `pymupdf-fonts`) has Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Thai and
Georgian letters, shaped and set from right to left where they should be. What it lacks (Chinese, Japanese, Korean) is
shown as `LACKING`, and the sheet says so at its end.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Self, TypeAlias

import pymupdf_fonts
from fpdf import FPDF
from fpdf.fonts import TTFFont

FONT = "FiraGO"
MARGIN_MM, WIDTH_MM = 18.0, 174.0
LACKING = "◊"
SIMPLE_BELOW = 0x0590  # Latin, Greek, Cyrillic: letters that stand one by one, from left to right, need no shaping
LONGEST = 2000  # characters of one paragraph; nothing of a report that is to be read is longer
Colour: TypeAlias = tuple[int, int, int]
INK: Colour = (28, 35, 48)
SOFT: Colour = (85, 94, 109)
LINE: Colour = (220, 215, 204)
ACCENT: Colour = (31, 95, 91)
WARM: Colour = (201, 138, 61)


class Sheet:
    """Writes from top to bottom and breaks pages by itself. Use it in a `with` block: the fonts are files meanwhile."""

    def __init__(self, title: str, language: str, at: datetime) -> None:
        self._folder = TemporaryDirectory(prefix="vivavoce-report-")
        self._known: frozenset[int] = frozenset()
        self._lacked = False
        self._pdf = _Numbered(self)
        self._pdf.set_title(plain(title))
        self._pdf.set_author("Viva Voce")
        self._pdf.set_lang(language)
        self._pdf.set_creation_date(at)
        self._title = title

    def __enter__(self) -> Self:
        for style, name in (("", "figo"), ("B", "figbo"), ("I", "figit")):
            path = Path(self._folder.name) / f"{name}.ttf"
            path.write_bytes(pymupdf_fonts.fontbuffers[name]())
            self._pdf.add_font(FONT, style, path)
        font = self._pdf.fonts[FONT.lower()]
        assert isinstance(font, TTFFont)
        self._known = frozenset(font.cmap)
        self._pdf.set_margin(MARGIN_MM)
        self._pdf.c_margin = 0
        self._pdf.set_auto_page_break(True, 20)
        self._pdf.add_page()
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def bytes(self) -> bytes:
        """Finish the file and return it."""
        if self._lacked:
            self.soft(f"{LACKING} stands for letters this file has no font for; the page on the screen shows them.")
        return bytes(self._pdf.output())

    def text(
        self,
        text: str,
        *,
        size: float = 10,
        style: Literal["", "B", "I"] = "",
        colour: Colour = INK,
        indent: float = 0,
        after: float = 1.5,
    ) -> None:
        """Write a paragraph. indent, after: millimetres."""
        self._pdf.set_font(FONT, style, size)
        self._pdf.set_text_color(*colour)
        self._pdf.set_x(MARGIN_MM + indent)
        self._pdf.multi_cell(WIDTH_MM - indent, size * 0.5, self.drawn(text), align="L", new_x="LMARGIN", new_y="NEXT")
        self._pdf.ln(after)

    def soft(self, text: str, *, indent: float = 0, after: float = 1.5) -> None:
        """Write a paragraph of lesser weight."""
        self.text(text, size=9, colour=SOFT, indent=indent, after=after)

    def heading(self, text: str) -> None:
        """Begin a section, which the file's outline names; never at the foot of a page."""
        self._room(32)
        self._pdf.ln(4)
        self._pdf.start_section(plain(text))
        self._pdf.set_draw_color(*LINE)
        self._pdf.line(MARGIN_MM, self._pdf.get_y(), MARGIN_MM + WIDTH_MM, self._pdf.get_y())
        self._pdf.ln(3)
        self.text(text, size=13, style="B", colour=ACCENT, after=2)

    def levelled(self, name: str, level: int | None, said: str) -> None:
        """Write a criterion's name with five steps, filled up to its level; none is filled where it has no level."""
        self._room(26)
        top = self._pdf.get_y()
        self._pdf.set_draw_color(*ACCENT)
        self._pdf.set_fill_color(*ACCENT)
        for step in range(5):
            filled = level is not None and step < level
            self._pdf.rect(MARGIN_MM + WIDTH_MM - 32 + step * 6.4, top + 0.8, 5.4, 3, style="DF" if filled else "D")
        self._pdf.set_font(FONT, "B", 11)
        self._pdf.set_text_color(*INK)
        self._pdf.multi_cell(WIDTH_MM - 40, 5.5, self.drawn(name), align="L", new_x="LMARGIN", new_y="NEXT")
        self.soft(said, after=1)

    def quote(self, text: str, about: str) -> None:
        """Write somebody's words with a bar beside them, and below what they are."""
        self._room(14)
        top, page = self._pdf.get_y(), self._pdf.page_no()
        self.text(f"“{text}”", style="I", indent=5, after=0.3)
        self.soft(about, indent=5, after=0)
        if self._pdf.page_no() == page:
            self._pdf.set_fill_color(*ACCENT)
            self._pdf.rect(MARGIN_MM + 1.5, top, 0.7, self._pdf.get_y() - top, style="F")
        self._pdf.ln(2)

    def timeline(self, spoken: Sequence[tuple[str, str, Sequence[tuple[float, float]]]], end: str) -> None:
        """Draw a bar for each speaker. spoken: name, what is said of it, stretches as shares 0-1 of the call."""
        self._room(12 * len(spoken) + 10)
        for number, (name, said, stretches) in enumerate(spoken):
            self.soft(f"{name} · {said}", after=0.5)
            top = self._pdf.get_y()
            self._pdf.set_fill_color(239, 236, 229)
            self._pdf.rect(MARGIN_MM, top, WIDTH_MM, 4, style="F")
            self._pdf.set_fill_color(*(WARM if number else ACCENT))
            for start, stop in stretches:
                self._pdf.rect(MARGIN_MM + WIDTH_MM * start, top, max(0.3, WIDTH_MM * (stop - start)), 4, style="F")
            self._pdf.set_y(top + 5.5)
        self.soft(f"0:00 to {end}", after=1)

    def foot(self) -> str:
        """Return what stands at the foot of each page."""
        return self.drawn(self._title if len(self._title) <= 90 else f"{self._title[:89]}…")

    def drawn(self, text: str) -> str:
        """Return a text as it can be drawn, and make ready to draw it."""
        said = plain(text)
        lacking = {one for one in said if ord(one) not in self._known}
        self._lacked = self._lacked or bool(lacking)
        for one in lacking:
            said = said.replace(one, LACKING)
        self._pdf.set_text_shaping(any(ord(one) >= SIMPLE_BELOW and one.isalpha() for one in said))
        return said

    def space(self, mm: float = 2) -> None:
        """Leave room."""
        self._pdf.ln(mm)

    def _room(self, mm: float) -> None:
        if self._pdf.will_page_break(mm):
            self._pdf.add_page()


class _Numbered(FPDF):
    """Says on each page what it belongs to and which it is."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self._sheet = sheet

    def footer(self) -> None:
        """Write the line at the foot of a page."""
        self.set_y(-14)
        self.set_font(FONT, "", 8)
        self.set_text_color(*SOFT)
        self.cell(WIDTH_MM - 30, 5, self._sheet.foot())
        self.set_text_shaping(False)
        self.cell(30, 5, f"{self.page_no()} / {{nb}}", align="R")


def plain(text: str) -> str:
    """Return a text without what steers rather than says: control and formatting characters; at most `LONGEST` long."""
    kept = "".join(" " if one in "\n\t\r" else one for one in text[:LONGEST] if one in "\n\t\r‌‍" or _says(one))
    return " ".join(kept.split())


def _says(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
