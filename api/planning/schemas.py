"""What linting takes and gives."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.planning.warnings import PlanWarning
from bot.plan import Plan

PLACE = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"  # ISO 3166
Jurisdiction = Annotated[str, Field(pattern=PLACE)]


class LintIn(BaseModel):
    """A plan to be looked over. jurisdiction: whose law the interview is held under (ISO 3166: `DE`, `US-CA`).

    Past pay may be asked about in some places; where no jurisdiction is told, a plan that asks for it is warned of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    plan: Plan
    jurisdiction: Jurisdiction | None = None


class LintOut(BaseModel):
    """What there is to say about a plan, the serious first; nothing is saved or refused.

    not_checked: what could not be looked for, because the plan is in a language that it is not known in.
    """

    model_config = ConfigDict(frozen=True)

    warnings: list[PlanWarning]
    not_checked: list[str]
