"""Plans in files: read, and told what is wrong with them in sentences."""

from pathlib import Path

from pydantic import ValidationError

from api.errors import ControlPlaneError
from bot.plan import Plan, faults
from prompts import load_plan


class BadPlan(ControlPlaneError):
    """The file is no plan; the message says what is wrong where."""

    code = "bad_plan"


def plan_in(source: Path | str) -> Plan:
    """Read the plan in a YAML or JSON file, or the one of that name that comes with the product.

    Raises `BadPlan` with one sentence for each thing that is wrong, `prompts.PromptsError` when the file can't be read.
    """
    values = load_plan(source)
    try:
        return Plan.model_validate(values)
    except ValidationError as error:
        sentences = [f"  {place or 'plan'}: {words}" for place, words in faults(error)]
        raise BadPlan("\n".join([f"{source} is not a plan:", *sentences])) from None
