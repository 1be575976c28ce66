"""Finding the one JSON object in what a model wrote, and saying what is wrong with it."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from api.errors import ModelAnswerUnusable
from api.model import Check, T

MOST_COMPLAINTS = 12
MOST_STARTS = 40  # braces that may begin an object; in prose with more of them nobody finds anything
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


def read(text: str, shape: type[T], check: Check[T]) -> T:
    """Return the object in `text`: all of it, in a fence, or between words.

    Of several the first that fits counts. Raises `ModelAnswerUnusable` with what is wrong with the first one.
    """
    complaints: Sequence[str] | None = None
    for found in _objects(_THOUGHTS.sub("", text, count=1)):
        try:
            value = shape.model_validate(found)
            wrong: Sequence[str] = check(value)
        except ValidationError as error:
            wrong = _told(error)
        else:
            if not wrong:
                return value
        complaints = complaints or wrong
    raise ModelAnswerUnusable((complaints or ["there is no JSON object in it"])[:MOST_COMPLAINTS])


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the outermost JSON objects of a text in their order."""
    decoder = json.JSONDecoder(parse_constant=_no_number)
    at = text.find("{")
    for _ in range(MOST_STARTS):
        if at < 0:
            return
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):  # no JSON, a NaN, a whole number of 5000 digits; nested beyond the stack
            end = at + 1
        else:
            yield found
        at = text.find("{", end)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _told(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in each['loc']) or 'the object'}: {each['msg'].removeprefix('Value error, ')}"
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
