"""What the private line of an interview lacks: news is told once, and what a line that was down lost is lost.

So a bot says whenever its line is open how everything stands (`STANDS`), and what the panel knows is left out.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST = 500  # things that hold at once


class Told(BaseModel):
    """One thing that holds, as it is told when it is news."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["coverage.updated", "suggestion.created", "suggestion.expired", "time.updated", "guard.warning"]
    data: dict[str, Any]


class Stands(BaseModel):
    """Everything that holds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    told: Annotated[list[Told], Field(max_length=MOST)]


def lacking(line: Iterable[tuple[str, dict[str, Any]]], told: Iterable[Told]) -> Iterator[Told]:
    """Yield what `line`, oldest first, does not say. A card that came and went unseen stays unseen."""
    newest = {_about(type_, data): data for type_, data in line}
    for one in told:
        about = _about(one.type, one.data)
        if one.type in ("coverage.updated", "time.updated"):
            news = newest.get(about) != one.data
        else:
            news = about not in newest
        if one.type == "suggestion.expired":
            news = news and _about("suggestion.created", one.data) in newest
        if news:
            yield one


def _about(type_: str, data: dict[str, Any]) -> tuple[str, ...]:
    """What makes two things of a type the same."""
    known = {
        "coverage.updated": ("criterion_id",),
        "guard.warning": ("turn", "who", "category", "words"),
        "suggestion.created": ("id",),
        "suggestion.expired": ("id",),
    }
    return type_, *(str(data.get(name)) for name in known.get(type_, ()))
