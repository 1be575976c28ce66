"""A résumé taken apart by rules: what stands under which heading, each with the page and the words it was read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.candidates.headings import PRESENT, SECTIONS, Section
from prompts.disguise import folded

MOST_ITEMS = 200  # of a kind
LONGEST_HEADING = 5  # words
LONGEST_ITEM = 80  # characters of a skill or a language

_MONTH = r"(?:[^\W\d_]{3,10}\.?\s|\d{1,2}[/.])?"
_DAY = rf"{_MONTH}(?:19|20)\d\d"
_NOW = "|".join(PRESENT)
_PERIOD = re.compile(rf"\(?\b({_DAY})\s?(?:[-–—]|to|bis|until|à|a|hasta)\s?({_DAY}|{_NOW})\b\)?", re.IGNORECASE)
_YEAR = re.compile(rf"\(?\b({_DAY})\b\)?", re.IGNORECASE)
_AT = re.compile(r"\s(?:at|bei|chez|@)\s|\s[–—|·]\s|\s{2,}|,\s", re.IGNORECASE)
_BULLET = re.compile(r"^\s*[-–—•▪●◦*·‣>]+\s*")
_LISTED = re.compile(r"\s*[,;•|·▪●/]\s+|\s*[;•|▪●]\s*|\s{2,}")
_LEVEL = re.compile(r"^([^\W\d_]+(?:\s[^\W\d_]+)?)\s*[:(–-]?\s*([^)]*?)\)?$")
_CONTACT = (
    ("email", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")),
    (
        "link",
        re.compile(r"(?:https?://|www\.)[^\s,;|]{3,200}|\b(?:linkedin\.com|github\.com|xing\.com)/[^\s,;|]{1,100}"),
    ),
    ("phone", re.compile(r"(?<![\w/])(?:\+|00|\(0|0)[\d ()/.-]{7,20}\d(?!\w)")),
)

Place = Annotated[int, Field(ge=1, description="The page it stands on")]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Contact(_Read):
    """A way to reach somebody, kept apart from what they can do. kind: email, phone or link."""

    kind: str
    value: str
    page: Place


class Stretch(_Read):
    """A job or an education. from, to: as they are written; quote: the lines it was read from."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    title: str
    organisation: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    text: str = ""
    page: Place
    quote: str


class Item(_Read):
    """A skill, a language or a certificate. level: of a language, as it is written."""

    name: str
    level: str | None = None
    page: Place
    quote: str


class Passage(_Read):
    """Lines of a résumé."""

    text: str
    page: Place


class Extracted(_Read):
    """A résumé taken apart. Contact stands under `contact` alone; elsewhere `[email]` and the like stand for it."""

    contact: tuple[Contact, ...] = ()
    summary: tuple[Passage, ...] = ()
    experience: tuple[Stretch, ...] = ()
    education: tuple[Stretch, ...] = ()
    skills: tuple[Item, ...] = ()
    languages: tuple[Item, ...] = ()
    certificates: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    page: int
    text: str


@dataclass(slots=True)
class _Open:
    """A stretch whose lines are still being gathered."""

    page: int
    head: str
    begins: str | None
    ends: str | None
    lines: list[str] = field(default_factory=list)
    source: list[str] = field(default_factory=list)


def extract(pages: Sequence[tuple[int, str]]) -> Extracted:
    """Take a résumé apart. pages: number and text of each, a line of the page in a line of the text."""
    contact: list[Contact] = []
    sections: dict[Section, list[_Line]] = {section: [] for section in Section}
    section = Section.SUMMARY
    for page, text in pages:
        for line in text.splitlines():
            if (named := _heading(line)) is not None:
                section = named
                continue
            masked = _masked(line, page, contact)
            if masked.strip():
                sections[section].append(_Line(page, masked))
    return Extracted(
        contact=tuple(contact[:MOST_ITEMS]),
        summary=tuple(_passages(sections[Section.SUMMARY])),
        experience=tuple(_stretches(sections[Section.EXPERIENCE]))[:MOST_ITEMS],
        education=tuple(_stretches(sections[Section.EDUCATION]))[:MOST_ITEMS],
        skills=tuple(_listed(sections[Section.SKILLS]))[:MOST_ITEMS],
        languages=tuple(_languages(sections[Section.LANGUAGES]))[:MOST_ITEMS],
        certificates=tuple(
            Item(name=_BULLET.sub("", line.text).strip(), page=line.page, quote=line.text)
            for line in sections[Section.CERTIFICATES]
        )[:MOST_ITEMS],
    )


def _heading(line: str) -> Section | None:
    words = re.findall(r"[^\W\d_]+", line)
    if not words or len(words) > LONGEST_HEADING or _BULLET.match(line) or line.rstrip().endswith((".", ",")):
        return None
    return SECTIONS.get(" ".join(folded(word) for word in words)) or _spaced(words)


def _spaced(words: Sequence[str]) -> Section | None:
    """A heading with spaces between its letters, as typographers like them."""
    return SECTIONS.get("".join(folded(word) for word in words)) if all(len(word) == 1 for word in words) else None


def _masked(line: str, page: int, contact: list[Contact]) -> str:
    for kind, pattern in _CONTACT:
        contact += [Contact(kind=kind, value=found[0], page=page) for found in pattern.finditer(line)]
        line = pattern.sub(f"[{kind}]", line)
    return line


def _passages(lines: Sequence[_Line]) -> Iterator[Passage]:
    for page in dict.fromkeys(line.page for line in lines):
        yield Passage(text="\n".join(line.text for line in lines if line.page == page), page=page)


# ---- jobs and educations --------------------------------------------------------------------------------------------


def _stretches(lines: Sequence[_Line]) -> Iterator[Stretch]:
    """Yield what begins at each line with dates; where the dates stand alone, the line before is its head."""
    found: list[_Open] = []
    for line in lines:
        bullet = _BULLET.match(line.text) is not None
        dates = None if bullet else _PERIOD.search(line.text) or _YEAR.search(line.text)
        if dates is None or (dates.re is _YEAR and len(line.text) > LONGEST_ITEM):
            if found:
                found[-1].lines.append(line.text)
                found[-1].source.append(line.text)
            else:
                found.append(_Open(line.page, line.text, None, None, source=[line.text]))
            continue
        head = " ".join(
            part for part in (line.text[: dates.start()].rstrip(" ,|–-("), line.text[dates.end() :]) if part
        )
        opened = _Open(line.page, head.strip(" ,|–-:()"), dates[1], dates[2] if dates.re is _PERIOD else None)
        if not opened.head and found:
            _take_head(opened, found)
        opened.source.append(line.text)
        found.append(opened)
    yield from map(_closed, (one for one in found if one.head or one.lines))


def _take_head(opened: _Open, found: list[_Open]) -> None:
    before = found[-1]
    if before.lines and len(before.lines[-1]) <= LONGEST_ITEM and not _BULLET.match(before.lines[-1]):
        opened.head = before.lines.pop()
        opened.source.append(before.source.pop())
    elif before.begins is None and not before.lines:
        found.pop()
        opened.head, opened.source = before.head, before.source


def _closed(one: _Open) -> Stretch:
    lines = list(one.lines)
    head = one.head or lines.pop(0)
    title, organisation = head, None
    if (at := _AT.search(head)) is not None:
        title, organisation = head[: at.start()], head[at.end() :]
    elif lines and one.begins and len(lines[0]) <= LONGEST_ITEM and not _BULLET.match(lines[0]) and "." not in lines[0]:
        organisation = lines.pop(0)
    return Stretch(
        title=title.strip(),
        organisation=organisation.strip(" ,|–-") if organisation else None,
        from_=one.begins,
        to=one.ends,
        text="\n".join(_BULLET.sub("", line) for line in lines),
        page=one.page,
        quote="\n".join(one.source),
    )


# ---- lists ----------------------------------------------------------------------------------------------------------


def _listed(lines: Sequence[_Line]) -> Iterator[Item]:
    for line in lines:
        text = _BULLET.sub("", line.text)
        label, colon, rest = text.partition(": ")
        for name in _LISTED.split(rest if colon and len(label) <= LONGEST_ITEM else text):
            if 0 < len(name := name.strip(" .,")) <= LONGEST_ITEM:
                yield Item(name=name, page=line.page, quote=line.text)


def _languages(lines: Sequence[_Line]) -> Iterator[Item]:
    for line in lines:
        for part in re.split(r"\s*[,;•|▪●]\s*|\s{3,}", _BULLET.sub("", line.text)):
            if (found := _LEVEL.match(part.strip())) is not None and len(part) <= LONGEST_ITEM:
                yield Item(name=found[1], level=found[2].strip() or None, page=line.page, quote=line.text)
