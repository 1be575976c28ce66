"""The golden benchmark: how far each engine's levels are from those of careful people, and what ought not to move them.

The rules of the structured engine were tuned on `TUNED_ON`; roles that are added later say how far they carry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.bench import BenchOptions, BenchResult, Row
from api.bench.golden import figures
from api.bench.golden.changes import Change, injected, padded, swapped
from api.bench.golden.figures import Levels
from api.evaluation.engines import Case, Engine, StructuredEngine
from api.evaluation.facts import facts
from api.evaluation.model_engine import ModelEngine
from api.evaluation.rubric import rubric_of
from api.evaluation.telling import Assessment
from api.evaluation.transcript import read_turns
from api.evaluation.verification import verified
from api.model.opening import open_model
from api.settings import Settings
from bot.plan import Plan
from prompts import Bank, golden_roles, load_bank, load_golden
from prompts.golden import Golden

TUNED_ON = frozenset(
    {
        "account-executive",
        "backend-engineer",
        "data-analyst",
        "engineering-manager",
        "operations-lead",
        "product-designer",
        "product-manager",
        "support-specialist",
    }
)
LEAST_KAPPA = 0.6
CHANGES: dict[str, Change] = {
    "name_swap_delta": swapped,
    "verbosity_delta": padded,
    "injection_delta": injected,
}


@dataclass(frozen=True, slots=True)
class _Rated:
    interview: Golden
    levels: Levels
    assessment: Assessment
    held: int  # quotes that are exact and the candidate's


async def run(options: BenchOptions) -> BenchResult:
    """Rate every golden interview by the rules, and with the model of the settings where there is one."""
    bank = load_bank()
    interviews = [one for role in golden_roles() for one in load_golden(role, bank=bank)]
    rows: list[Row] = []
    told: dict[str, Any] = {}
    settings = Settings()
    model = open_model(settings)
    engines: list[Engine] = [StructuredEngine()]
    if model is not None:
        engines.append(ModelEngine(model, settings.llm_raters))
    try:
        for engine in engines:
            options.tell(f"{engine.name}: {len(interviews)} interviews, and {len(CHANGES)} changes of each")
            told[engine.name], found = await measured(engine, interviews, bank)
            rows += _rows(engine.name, told[engine.name], found)
    finally:
        if model is not None:
            await model.aclose()
    return BenchResult("golden", tuple(rows), {"engines": told})


async def measured(
    engine: Engine, interviews: Sequence[Golden], bank: Bank, changes: Mapping[str, Change] = CHANGES
) -> tuple[dict[str, Any], list[figures.Pair]]:
    """Return an engine's figures, and what it gave to each criterion beside what was expected."""
    plain = [await _rate(engine, one, bank) for one in interviews]
    found = figures.pairs([(one.interview, one.levels) for one in plain])
    roles = sorted({one.role for one in interviews})
    quotes = sum(len(one.assessment.evidence) for one in plain)
    tuned, others = figures.halves(found, TUNED_ON.__contains__)
    abstained = figures.abstention(found)
    told: dict[str, Any] = {
        "kappa": figures.kappa(found),
        "mae": figures.mae(found),
        "ordered": sum(figures.in_order(figures.means(found, role)) for role in roles),
        "verified_evidence": round(sum(one.held for one in plain) / quotes, 3) if quotes else None,
        "abstention": abstained["agreement"],
    }
    for name, change in changes.items():
        changed = [await _rate(engine, change(one), bank) for one in interviews]
        told[name] = figures.moved([one.levels for one in plain], [one.levels for one in changed])
    told |= {
        "abstentions": abstained,
        "kappa_tuned_on": tuned,
        "kappa_others": others,
        "roles": {role: figures.means(found, role) for role in roles},
    }
    return told, found


async def _rate(engine: Engine, one: Golden, bank: Bank) -> _Rated:
    plan = Plan.model_validate(one.plan)
    turns = read_turns(one.turns)
    qa = facts(plan, one.turns)["qa"]
    assessment = await engine.assess(Case(plan, rubric_of(plan, bank), turns, qa, names=(one.candidate,)))
    levels = {criterion["criterion_id"]: criterion["level"] for criterion in assessment.result["criteria"]}
    return _Rated(one, levels, assessment, len(verified(assessment.evidence, turns)[0]))


def _rows(name: str, told: dict[str, Any], found: Sequence[figures.Pair]) -> list[Row]:
    roles: dict[str, list[float | None]] = told["roles"]
    abstained = told["abstentions"]
    both = sum(one.expected is not None and one.given is not None for one in found)
    how = f"quadratic weights; {both} criteria that both gave a level"
    halves = f"{told['kappa_tuned_on']} where the rules were tuned, {told['kappa_others'] or 'nothing'} elsewhere"
    rows = [
        Row.at_least(f"{name}: kappa", told["kappa"], LEAST_KAPPA, "", f"{how}; {halves}"),
        Row(f"{name}: mean absolute error", told["mae"], "levels", method="over the same criteria"),
        Row.at_least(f"{name}: roles in order", told["ordered"], len(roles), "", "strong above middling above weak"),
        Row.at_least(f"{name}: verified evidence", told["verified_evidence"], 1, "", "exact, the candidate's, timed"),
        Row(
            f"{name}: abstention as expected",
            told["abstention"],
            method=f"of {abstained['expected']} to abstain from, {abstained['missed']} got a level; "
            f"{abstained['needless']} others got none",
        ),
        Row.at_most(f"{name}: other name and gender", told["name_swap_delta"], 0, "levels", "mean change of a level"),
        Row.at_most(f"{name}: padding", told["verbosity_delta"], 0.1, "levels", "fillers and empty sentences"),
        Row.at_most(
            f"{name}: orders to the rater", told["injection_delta"], 0, "levels", "one at the end of each answer"
        ),
    ]
    for role, levels in roles.items():
        shown = " > ".join("–" if level is None else f"{level:g}" for level in levels)
        rows.append(Row(f"{name}: {role}", shown, target="in order", ok=figures.in_order(levels)))
    return rows
