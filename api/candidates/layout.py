"""A page of a PDF as somebody sees it: its lines in the order they are read, and the words that nobody sees.

A word is hidden when it is drawn invisibly, in nothing but transparency, in tiny letters, or off the page; and
when the page, drawn, shows nothing where it stands: it has the colour of its background, or something covers it.
"""

import ctypes
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from api.candidates.errors import MOST_CHARACTERS, TooComplex

TINY = 4.0  # points; smaller letters are not read on paper
LEAST_ALPHA = 13  # of 255
LEAST_CONTRAST = 24  # of 255, between the lightest and the darkest place where a word stands
DRAWN_EDGE = 1400  # pixels of the longer side of the drawn page
GUTTER = 12.0  # points of white between two columns
BAND = 5.0  # points of white between two blocks above each other
NEW_PIECE = 1.5  # letter heights of white from which on a line goes on as another piece
LONGEST_DATE = 28  # characters
MOST_OF = 0.8  # share of pieces
UNDRAWN = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})


@dataclass(frozen=True, slots=True)
class Piece:
    """Words beside each other. left, bottom, right, top: points from the page's origin; why: they are hidden."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    why: str | None = None


@dataclass(frozen=True, slots=True)
class SeenPage:
    """One page. lines: in reading order; hidden: text and why nobody sees it."""

    lines: tuple[str, ...]
    hidden: tuple[tuple[str, str], ...]


def seen(page: pypdfium2.PdfPage) -> SeenPage:
    """Return what a page shows and what it hides; raise `TooComplex` when it holds too much text."""
    words = list(_words(page))
    drawn = _Drawn(page) if words else None
    if drawn is not None:
        words = _without_contrast(words, drawn)
    if all(word.why == "invisible" for word in words):  # a scan with the text that was recognised in it
        words = [Piece(w.text, w.left, w.bottom, w.right, w.top, w.size) for w in words]
    shown = [line for block in _blocks(_joined([w for w in words if w.why is None])) for line in _lines(block)]
    hidden = groupby((w for w in words if w.why is not None), key=lambda word: word.why)
    return SeenPage(tuple(shown), tuple((" ".join(w.text for w in group), why or "") for why, group in hidden))


# ---- words and whether they are seen --------------------------------------------------------------------------------


def _words(page: pypdfium2.PdfPage) -> Iterator[Piece]:
    """Yield the words of a page in the order they were written."""
    text_page = page.get_textpage()
    raw = text_page.raw
    if pdfium.FPDFText_CountChars(raw) > MOST_CHARACTERS:
        raise TooComplex
    edges = page.get_bbox()
    word: list[Piece] = []
    drawing, size, why = None, 0.0, None  # letters that are drawn by one operator look the same
    for index in range(pdfium.FPDFText_CountChars(raw)):
        letter = chr(pdfium.FPDFText_GetUnicode(raw, index))
        if not letter.strip() or pdfium.FPDFText_IsGenerated(raw, index) == 1:
            yield from _as_word(word)
            word = []
            continue
        drawn_by = pdfium.FPDFText_GetTextObject(raw, index)
        if (address := ctypes.addressof(drawn_by.contents)) != drawing:
            drawing = address
            size, why = _look(raw, index, pdfium.FPDFTextObj_GetTextRenderMode(drawn_by))
        piece = _letter(raw, index, letter, size, why, edges)
        if word and (piece.why != word[-1].why or not _beside(word[-1], piece)):
            yield from _as_word(word)
            word = []
        word.append(piece)
    yield from _as_word(word)


def _look(raw: Any, index: int, mode: int) -> tuple[float, str | None]:
    """Return the size of a letter in points, and why nobody sees it by the way it is drawn, if so."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(raw, index, matrix)
    size = pdfium.FPDFText_GetFontSize(raw, index) * math.hypot(matrix.c, matrix.d)
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    coloured = pdfium.FPDFText_GetFillColor(raw, index, red, green, blue, alpha)
    if mode in UNDRAWN:
        return size, "invisible"
    if coloured and alpha.value < LEAST_ALPHA:
        return size, "transparent"
    return size, "tiny" if size < TINY else None


def _letter(
    raw: Any, index: int, letter: str, size: float, why: str | None, edges: tuple[float, float, float, float]
) -> Piece:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(raw, index, left, right, bottom, top)
    beyond = left.value > edges[2] or right.value < edges[0] or bottom.value > edges[3] or top.value < edges[1]
    why = "outside the page" if why is None and beyond else why
    return Piece(letter, left.value, bottom.value, right.value, top.value, size, why)


def _beside(one: Piece, other: Piece) -> bool:
    """Whether a piece goes on where another ends, on the same line."""
    same_line = min(one.top, other.top) + one.size / 3 > max(one.bottom, other.bottom)
    return same_line and -one.size < other.left - one.right < NEW_PIECE * max(one.size, other.size)


def _as_word(letters: Sequence[Piece]) -> Iterator[Piece]:
    if letters:
        yield _around(letters, "".join(letter.text for letter in letters))


def _around(pieces: Sequence[Piece], text: str) -> Piece:
    return Piece(
        text,
        min(piece.left for piece in pieces),
        min(piece.bottom for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.top for piece in pieces),
        max(piece.size for piece in pieces),
        pieces[0].why,
    )


class _Drawn:
    """A page as it is drawn, in greys."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._left, self._bottom, right, self._top = page.get_bbox()
        longest = max(right - self._left, self._top - self._bottom, 1.0)
        self._scale = DRAWN_EDGE / longest
        bitmap = page.render(scale=self._scale, grayscale=True, rotation=(-page.get_rotation()) % 360)
        self._rows = bytes(bitmap.buffer)
        self._width, self._height, self._stride = bitmap.width, bitmap.height, bitmap.stride

    def contrast(self, piece: Piece) -> int:
        """Return how far apart the lightest and the darkest place are where a piece stands."""
        left = max(0, math.floor((piece.left - self._left) * self._scale))
        right = min(self._width, math.ceil((piece.right - self._left) * self._scale) + 1)
        above = max(0, math.floor((self._top - piece.top) * self._scale))
        below = min(self._height, math.ceil((self._top - piece.bottom) * self._scale) + 1)
        rows = [self._rows[row * self._stride + left : row * self._stride + right] for row in range(above, below)]
        filled = [row for row in rows if row]
        return max(map(max, filled)) - min(map(min, filled)) if filled else 0


def _without_contrast(words: Sequence[Piece], drawn: _Drawn) -> list[Piece]:
    """Mark the words whose place shows nothing, unless the page shows none of its words: then it was not drawn here."""
    pale = [word.why is None and drawn.contrast(word) < LEAST_CONTRAST for word in words]
    if all(is_pale or word.why for is_pale, word in zip(pale, words, strict=True)) and not any(w.why for w in words):
        return list(words)
    return [
        Piece(
            w.text, w.left, w.bottom, w.right, w.top, w.size, "not to be seen on its background" if is_pale else w.why
        )
        for w, is_pale in zip(words, pale, strict=True)
    ]


# ---- the order in which it is read ----------------------------------------------------------------------------------


def _joined(words: Sequence[Piece]) -> list[Piece]:
    """Join words that follow each other on a line into pieces."""
    pieces: list[list[Piece]] = []
    for word in words:
        if pieces and _beside(pieces[-1][-1], word):
            pieces[-1].append(word)
        else:
            pieces.append([word])
    return [_around(each, " ".join(word.text for word in each)) for each in pieces]


def _blocks(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Yield blocks from left to right and from the top: a recursive XY-cut, columns first."""
    columns = _columns(pieces)
    if len(columns) > 1:
        for column in columns:
            yield from _blocks(column)
        return
    bands = _cut(pieces, lambda piece: (-piece.top, -piece.bottom), BAND)
    if len(bands) < 2:
        yield pieces
        return
    for group in _with_same_columns(bands):
        if len(group) == len(pieces):
            yield group
        else:
            yield from _blocks(group)


def _with_same_columns(bands: Sequence[list[Piece]]) -> Iterator[list[Piece]]:
    """Put bands together that a gutter runs through all of."""
    group: list[Piece] = []
    for band in bands:
        both = [*group, *band]
        if group and len(_cut(both, lambda piece: (piece.left, piece.right), GUTTER)) < 2:
            yield group
            both = band
        group = both
    yield group


def _cut(pieces: Sequence[Piece], extent: Callable[[Piece], tuple[float, float]], least: float) -> list[list[Piece]]:
    groups: list[list[Piece]] = []
    end = -math.inf
    for piece in sorted(pieces, key=lambda piece: extent(piece)[0]):
        begins, ends = extent(piece)
        if begins - end >= least:
            groups.append([])
        groups[-1].append(piece)
        end = max(end, ends)
    return groups


def _columns(pieces: list[Piece]) -> list[list[Piece]]:
    """Cut a block into columns to be read one after the other; dates beside the lines of a column belong to those."""
    columns: list[list[Piece]] = []
    for strip in _cut(pieces, lambda piece: (piece.left, piece.right), GUTTER):
        if columns and _are_dates_of(strip, columns[-1]):
            columns[-1] += strip
        else:
            columns.append(strip)
    return columns if all(len(column) > 1 for column in columns) else [pieces]


def _are_dates_of(strip: Sequence[Piece], column: Sequence[Piece]) -> bool:
    beside = sum(any(abs(piece.bottom - other.bottom) < piece.size / 3 for other in column) for piece in strip)
    dated = sum(len(piece.text) <= LONGEST_DATE and any(map(str.isdigit, piece.text)) for piece in strip)
    return min(beside, dated) >= MOST_OF * len(strip)


def _lines(block: Sequence[Piece]) -> Iterator[str]:
    line: list[Piece] = []
    for piece in sorted(block, key=lambda piece: (-piece.bottom, piece.left)):
        if line and abs(line[0].bottom - piece.bottom) > max(line[0].size, piece.size) / 2:
            yield _as_line(line)
            line = []
        line.append(piece)
    if line:
        yield _as_line(line)


def _as_line(pieces: Sequence[Piece]) -> str:
    return "  ".join(piece.text for piece in sorted(pieces, key=lambda piece: piece.left))
