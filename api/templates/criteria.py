"""The rubric of a template: what is judged, how much it counts, what each level looks like."""

import math
from typing import Annotated

from pydantic import AfterValidator, Field

from api.records.fields import Short, Text
from api.records.kinds import RecordIn
from bot.plan import Key

MOST_CRITERIA = 20
TOLERANCE = 0.01  # how far from 1 the weights' sum may be: people write 0.33 three times

Level = Annotated[int, Field(ge=1, le=5)]
Weight = Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)]


class Criterion(RecordIn):
    """What is judged. weight: its share of the whole, the same for all where none has one.

    required: whoever does not reach min_level is not recommended. anchors: what one sees at a level, 1 to 5.
    """

    id: Key
    name: Short
    description: Text = ""
    weight: Weight | None = None
    required: bool = False
    min_level: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    anchors: dict[Level, Text] = Field(default_factory=dict)


def weighed(criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """Return `criteria` with a weight each; raise `ValueError` for an id used twice and weights that don't add up."""
    ids = [criterion.id for criterion in criteria]
    if twice := next((id_ for id_ in ids if ids.count(id_) > 1), None):
        raise ValueError(f"criterion id {twice!r} is used more than once; give each criterion its own")
    given = [criterion.weight for criterion in criteria if criterion.weight is not None]
    if not given:
        return tuple(each.model_copy(update={"weight": 1 / len(criteria)}) for each in criteria)
    if len(given) < len(criteria):
        without = ", ".join(criterion.id for criterion in criteria if criterion.weight is None)
        raise ValueError(f"some criteria have a weight, but not {without}; give one to all or to none")
    if abs((total := math.fsum(given)) - 1) > TOLERANCE + 1e-9:
        raise ValueError(f"the weights add up to {total:g}; they must add up to 1, within {TOLERANCE:g}")
    return criteria


Criteria = Annotated[tuple[Criterion, ...], Field(max_length=MOST_CRITERIA), AfterValidator(weighed)]
