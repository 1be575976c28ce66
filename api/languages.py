"""Languages by their BCP 47 tags: which there are, what others call them, and how a tag is written."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from prompts import languages as spoken_by_the_bot

LANGUAGES = (
    *("ar", "bg", "cs", "da", "de", "el", "en", "es", "fi", "fil", "fr", "hi", "hr", "hu", "id", "it", "ja", "ko"),
    *("ms", "nb-NO", "nl", "pl", "pt-BR", "pt-PT", "ro", "ru", "rw", "sk", "sv", "ta", "th", "tr", "uk", "vi"),
    "zh-Hans",
)
# Other products' codes. Theirs for Brazil is BCP 47's for Breton, which nobody here interviews in.
ALIASES: Mapping[str, str] = {"br": "pt-BR", "pt": "pt-PT", "no": "nb-NO", "nb": "nb-NO", "zh": "zh-Hans"}
_PRIMARY = frozenset(tag.split("-")[0] for tag in LANGUAGES)
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,4}", re.IGNORECASE | re.ASCII)


def primary(tag: str) -> str:
    """Return the language of a tag without script and region: `pt` of `pt-BR`."""
    return tag.split("-")[0].lower()


def canonical(tag: str) -> str:
    """Return `tag` as it is kept (`PT-br` → `pt-BR`, `no` → `nb-NO`); raise `ValueError` for a language not listed."""
    if not _TAG.fullmatch(tag):
        raise ValueError(f"{tag[:40]!r} is not a BCP 47 tag; write it like en, pt-BR or zh-Hans")
    first, *rest = tag.lower().split("-")
    if not rest and first in ALIASES:
        return ALIASES[first]
    if first not in _PRIMARY:
        raise ValueError(f"language {tag!r} is not supported; GET /v1/capabilities lists those that are")
    return "-".join([first, *(_cased(part) for part in rest)])


def unspoken(tag: str) -> str | None:
    """Return a warning if the bot can't lead an interview in that language; None if it can."""
    known = spoken_by_the_bot()
    if primary(tag) in known:
        return None
    return f"the bot can't lead an interview in {tag!r} yet; it can in {', '.join(known)}"


def _cased(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part


Tag = Annotated[
    str,
    Field(max_length=40, description="A BCP 47 tag; br, pt, no and zh are read as pt-BR, pt-PT, nb-NO and zh-Hans"),
    AfterValidator(canonical),
]
