"""Field types that records share. Text is plain: no control characters, no lone surrogates."""

import json
import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

MOST_METADATA = 16_384  # characters of JSON
DEEPEST = 8
MOST_FACTS = 30
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def plain(text: str) -> str:
    """Return `text` if every database and every reader can hold it; raise `ValueError`."""
    if any(ord(char) < 32 and char not in "\t\n\r" for char in text):
        raise ValueError("holds control characters; send plain text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("holds half of a surrogate pair; send well-formed Unicode") from None
    return text


def _day(value: Any) -> Any:
    if not isinstance(value, date) and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError("is not a day; write it as 2027-05-31")
    return value


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if _depth(value) > DEEPEST:
        raise ValueError(f"is nested more than {DEEPEST} deep")
    text = json.dumps(value, ensure_ascii=False)
    plain(text)
    if len(text) > MOST_METADATA:
        raise ValueError(f"holds more than {MOST_METADATA} characters of JSON")
    return value


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        if deepest > DEEPEST + 1:
            return deepest
        level = [
            child
            for each in level
            for child in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
    return deepest - 1


Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(plain)]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(plain)]
Fact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300), AfterValidator(plain)]
Facts = Annotated[
    tuple[Fact, ...],
    Field(max_length=MOST_FACTS, description="Sentences that a candidate who asks may be told, word for word"),
]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(plain)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="A BCP 47 tag")]
Metadata = Annotated[dict[str, Any], AfterValidator(_small)]
Day = Annotated[date, BeforeValidator(_day)]
