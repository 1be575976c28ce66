"""A transcript evaluated without a server: the facts of phase 1 and the levels of phase 2, as plain values."""

import asyncio
from typing import Any

from api.evaluation.engines import Case, Engine
from api.evaluation.evidence import Evidence
from api.evaluation.facts import facts
from api.evaluation.hashes import hash_of
from api.evaluation.injection import flags
from api.evaluation.rubric import rubric_of
from api.evaluation.transcript import read_turns
from api.importing.imported import Imported
from bot.plan import Plan
from prompts import Bank


async def evaluated(plan: Plan, meeting: Imported, bank: Bank, engine: Engine) -> dict[str, Any]:
    """Return `facts` and `scores` of a meeting; scores is None where the candidate answered no question.

    The criteria of `scores` name their evidence by its place in `scores["evidence"]`, from 0.
    """
    events = [{"type": event.type, "at_ms": event.at_ms, "data": event.data} for event in meeting.events]
    turns = read_turns(meeting.turns)
    first = await asyncio.to_thread(facts, plan, meeting.turns, meeting.report, events)
    first |= {"injection_flags": [quote.told() for quote in flags(turns)]}
    if not any(entry["answer_turns"] for entry in first["qa"]):
        return {"facts": first, "scores": None}
    rubric = rubric_of(plan, bank)
    found = await engine.assess(Case(plan, rubric, turns, first["qa"], names=(meeting.candidate,)))
    made_by = {
        "engine": engine.name.value,
        "engine_version": engine.version,
        "rubric_hash": rubric.hash,
        "plan_hash": hash_of(plan.model_dump(mode="json")),
        "transcript_hash": hash_of(list(meeting.turns)),
    }
    quotes = [_told(number, one) for number, one in enumerate(found.evidence)]
    return {"facts": first, "scores": found.result | {"evidence": quotes, "made_by": made_by}}


def _told(number: int, one: Evidence) -> dict[str, Any]:
    shows = {"number": number, "criterion_id": one.criterion_id, "shows": one.shows, "polarity": one.polarity.value}
    return shows | one.quote.told()
