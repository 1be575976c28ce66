"""What no person says or reads: text in codes, and the marks that chat models take for turns of a conversation."""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

LEAST_WORDS = 3  # in what a blob holds; a key or a picture holds none

_BASE64 = re.compile(r"(?<![\w+/=-])(?=[\w+/-]{0,400}[A-Z])[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}[ :]?){16,}")
_ESCAPED = re.compile(
    r"(?:(?:&#[xX]?[0-9a-fA-F]{1,6};|%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2})[\w ]{0,3}){6,}"
)
_BACKSLASH = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_READABLE = re.compile(r"[^\W\d_]{2,20}")
_ROLE = (
    r"(?:system|assistant|developer|user|human|ai|tool|instructions?|admin|answer|transcript|rubric|evaluator|prompt)"
)
_MARKS = (
    rf"<\|?/?\s?{_ROLE}(?:\s[^<>\n]{{0,80}})?\|?>[^<\n]{{0,400}}(?:</?\|?{_ROLE}\|?>)?",
    r"<\|[a-z_]{2,20}\|>[^<\n]{0,400}",
    r"\[/?(?:INST|SYS|SYSTEM|ASSISTANT)\][^\[\n]{0,400}",
    r"<<\s?/?SYS\s?>>[^<\n]{0,400}",
    r"<!--[^\n]{0,400}?-->",
    r"(?m:^)[ \t]{0,3}(?:#{1,4}|\*\*|={2,5}|-{3,5}|>>>)[ \t]?(?:new |end of |begin |start of )?"
    r"(?:system|instructions?|prompt|rubric|evaluator)\s?(?:prompt|message|override)?\s?(?::|={2,5}|-{3,5})[^\n]{0,400}",
    rf"\{{\s?[\"']role[\"']\s?:\s?[\"']{_ROLE}[\"'][^\n]{{0,400}}",
    rf"```[ \t]?(?:{_ROLE}|prompt)\b[^`]{{0,400}}(?:```)?",
)
_MARKED = re.compile("|".join(f"(?:{mark})" for mark in _MARKS), re.IGNORECASE)


def encoded(text: str, says_something: Callable[[str], bool]) -> Iterator[tuple[int, int, str]]:
    """Yield where something is written in a code: start, end, `encoded`. says_something: whether a text gives orders.

    A long blob that holds words is found whatever they say; in escapes, which addresses use as well, orders alone are.
    """
    for found in _BASE64.finditer(text):
        if _has_words(_from_base64(found[0])):
            yield found.start(), found.end(), "encoded"
    for found in _HEX.finditer(text):
        if _has_words(_from_hex(found[0])):
            yield found.start(), len(found[0].rstrip()) + found.start(), "encoded"
    for found in _ESCAPED.finditer(text):
        if says_something(_from_escapes(found[0])):
            yield found.start(), found.end(), "encoded"


def marked_up(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a text plays a turn of a conversation with a model, or hides in a comment: start, end, `markup`."""
    for found in _MARKED.finditer(text):
        yield found.start(), len(found[0].rstrip()) + found.start(), "markup"


def _has_words(text: str) -> bool:
    return text.isprintable() and len(_READABLE.findall(text)) >= LEAST_WORDS and " " in text.strip()


def _from_base64(blob: str) -> str:
    plain = blob.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode().replace("\n", " ")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _from_hex(blob: str) -> str:
    try:
        return bytes.fromhex(blob.replace(" ", "").replace(":", "")).decode().replace("\n", " ")
    except ValueError:
        return ""


def _from_escapes(blob: str) -> str:
    plain = _BACKSLASH.sub(lambda found: chr(int(found[1] or found[2], 16)), blob)
    return unquote(html.unescape(plain))
