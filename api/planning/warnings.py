"""What the linter says."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """What is wrong."""

    OFF_LIMITS = "off_limits"
    LEADING = "leading"
    DOUBLE = "double_barrelled"
    CLOSED = "closed"
    TOO_LONG = "too_long"
    DUPLICATE = "duplicate"
    JUDGES_PERSON = "judges_person"
    TOO_FEW_MINUTES = "minutes_too_few"
    TOO_MANY_MINUTES = "minutes_too_many"
    UNREACHED = "criterion_unreached"
    NO_ANCHORS = "criterion_without_anchors"
    WEIGHTS_SUM = "weights_sum"
    ONE_WEIGHS_MOST = "weight_dominates"
    MANY_CRITERIA = "too_many_criteria"
    EXPECTS_NOTHING = "expects_nothing"


class Severity(StrEnum):
    """`serious`: may be unlawful, change it; `warning`: the interview would suffer; `hint`: look at it once more."""

    SERIOUS = "serious"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """One thing to look at. where: such as `sections[0].questions[2].text`; rephrase: words that would do instead.

    category: which ground is off limits, of a warning about that.
    """

    code: Code
    severity: Severity
    where: str
    what: str
    why: str
    rephrase: str | None = None
    category: str | None = None
