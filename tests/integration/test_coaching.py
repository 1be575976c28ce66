"""What people learn about how they held an interview: who may read it, and that it stands nowhere else."""

from datetime import timedelta
from typing import Any

import pytest

from bot.spec import BotSpec
from tests.integration.plane import Plane, until, uplink
from tests.integration.test_evaluations import ANSWER, RATED, held
from tests.integration.test_scorecards import linked

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEADING = "You would agree that figures are always wrong, right?"


async def begun(plane: Plane, **more: Any) -> tuple[str, BotSpec]:
    """A call that whose tokens these are is to hold as `interviewer`."""
    client = plane.client()
    interview_id = await plane.created(client, plan=RATED, **more)
    await named(plane, path := f"/v1/interviews/{interview_id}")
    assert (await client.post(f"{path}/start")).status_code == 202
    return interview_id, plane.spec_of(interview_id)


async def led(plane: Plane) -> str:
    """An interview that an interviewer held; its path."""
    client = plane.client()
    interview_id, spec = await begun(plane, mode="copilot")
    question = spec.plan.questions[0]
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.says(2, 1, LEADING, role="interviewer", question_id=None)
        await bot.says(3, 2, question.text, role="interviewer", question_id=question.id)
        asked = {"question_id": question.id, "follow_up": 0, "text": question.text, "by": "interviewer", "turn": 2}
        await bot.event(4, "question.asked", **asked)
        await bot.says(5, 3, ANSWER, question_id=question.id)
        await bot.event(6, "ended", reason="completed", report={"questions": [], "duration_ms": 60_000})
        await until(client, interview_id, "completed")
    return f"/v1/interviews/{interview_id}"


async def named(plane: Plane, path: str, subject: str = "admin") -> None:
    """Name whose tokens these are as who speaks as `interviewer`."""
    wanted = {"name": "Ines", "subject": subject}
    assert (await plane.client().put(f"{path}/interviewers/interviewer", json=wanted)).status_code == 200


async def test_who_handed_a_call_to_the_bot_reads_how_they_held_their_part(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await begun(plane, mode="copilot")
    path = f"/v1/interviews/{interview_id}"
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.says(2, 1, LEADING, role="interviewer", question_id=None)
        await bot.event(3, "mode.changed", **{"from": "copilot", "to": "solo", "by": "admin"})
        await bot.event(4, "ended", reason="completed", report={"questions": [], "duration_ms": 60_000})
        await until(client, interview_id, "completed", "failed")
    (own,) = (await client.get(f"{path}/coaching")).json()["interviewers"]
    assert own["turns"] == 1


async def test_an_interviewer_reads_by_their_link_how_they_held_it(plane: Plane) -> None:
    path = await led(plane)
    made = await plane.client().post(
        f"{path}/links", json={"role": "interviewer", "name": "Ines", "participant_id": "interviewer"}
    )
    ines = plane.client()
    ines.headers["Authorization"] = f"Bearer {made.json()['url'].partition('#')[2]}"
    report = (await ines.get(f"{path}/coaching")).json()
    (own,) = report["interviewers"]
    assert (own["participant_id"], own["turns"], own["talk_ratio"]) == ("interviewer", 2, 0.667)
    assert [(one["quote"], one["start_ms"]) for one in own["leading"]] == [(LEADING, 1000)]
    assert [(one["question_id"], one["how"], one["at_ms"]) for one in report["plan"]] == [
        ("figure", "asked", 2000),
        ("storm", "not_asked", None),
    ]
    assert [one["criterion_id"] for one in report["criteria"]] == ["checking", "calm"]
    omar = await linked(plane, path, "Omar")
    assert (await omar.get(f"{path}/coaching")).json()["interviewers"] == [], "of themselves alone"


async def test_who_takes_a_colleagues_place_reads_nothing_of_what_was_before_and_stands_in_the_audit(
    plane: Plane,
) -> None:
    path = await led(plane)
    colleagues = {}
    for subject in ("rhea@acme", "omar@acme"):
        token = plane.services.tokens.issue(f"acme{plane.suffix}", expires_in=timedelta(hours=1), subject=subject)
        colleagues[subject] = {"Authorization": f"Bearer {token}"}
    client = plane.client()
    await named(plane, path, "rhea@acme")
    await client.put(f"{path}/interviewers/omar", json={"name": "Omar", "subject": "omar@acme"})
    for headers in (*colleagues.values(), {}):
        refused = await client.get(f"{path}/coaching", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_a_named_interviewer")
    await named(plane, path)
    assert (await client.get(f"{path}/coaching")).status_code == 403, "nor by taking it and giving it back"
    await linked(plane, path, "Olga")
    done = [one["action"] for one in (await client.get("/v1/audit")).json()["data"]]
    assert (done.count("interviewer.subject_changed"), done.count("interviewer.linked")) == (4, 1)


async def test_coaching_needs_a_scope_of_its_own_and_stands_in_nobodys_record(plane: Plane) -> None:
    path, admin = await led(plane), plane.client()
    await linked(plane, path, "Omar")
    own = await plane.client("acme", "role:interviewer").get(f"{path}/coaching")
    assert [one["participant_id"] for one in own.json()["interviewers"]] == ["interviewer"]
    for scope in ("role:recruiter", "role:decider", "role:viewer"):
        refused = await plane.client("acme", scope).get(f"{path}/coaching")
        assert (refused.status_code, refused.json()["required_permission"]) == (403, "coaching:read")
    early, _ = await begun(plane, mode="shadow")
    candidate = await linked(plane, f"/v1/interviews/{early}", "Ann", "candidate")
    assert (await candidate.get(f"/v1/interviews/{early}/coaching")).status_code == 403
    assert (await plane.client("globex").get(f"{path}/coaching")).status_code == 404
    await admin.post(f"{path}/evaluate")
    for part in ("", "/report", "/evaluations", "/scorecards"):
        told = (await admin.get(f"{path}{part}")).text
        assert "talk_ms" not in told and "interruptions" not in told and "leading" not in told
    solo = await held(plane, admin, ANSWER)
    assert (await (await linked(plane, solo)).get(f"{solo}/coaching")).json()["code"] == "conflict"
    assert (await admin.get(f"/v1/interviews/{early}/coaching")).json()["code"] == "session_not_ended"
