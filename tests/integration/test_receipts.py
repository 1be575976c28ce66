"""Objecting, and taking consent back: what goes, what stays, and the receipt of it, over real HTTP."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.interviews.dispatch import outbox_path, recording_path
from api.interviews.tables import TurnRow
from api.receipts.purging import remove_recordings
from bot.spec import BotSpec
from orchestrator import Exited, LaunchHandle
from tests.guards import HANG_S, connect
from tests.integration.plane import Bot, Plane, until, uplink
from tests.integration.test_consents import NOTICE, comes, consent, withdraw
from tests.integration.test_copilot import CARD
from tests.integration.test_evaluations import ANSWER, RATED, rated

pytestmark = pytest.mark.asyncio(loop_scope="module")

OBJECTION = "Please don't record this."


def recorded(plane: Plane, attempt_id: str, epoch: int = 1) -> bytes:
    """Leave a file where a bot records."""
    path = recording_path(plane.services.settings.recordings_dir, attempt_id, epoch)
    path.write_bytes(sound := b"OggS" + attempt_id.encode() * 9)
    return sound


def left(plane: Plane, attempt_id: str) -> list[str]:
    return [path.name for path in plane.services.settings.recordings_dir.glob(f"{attempt_id}*")]


async def receipts(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{path}/receipts")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def asks_and_answers(bot: Bot) -> None:
    await bot.event(1, "state", state="in_call")
    await bot.says(2, 1, "Tell me about a figure that was wrong.", role="interviewer", question_id="figure")
    told = {"question_id": "figure", "follow_up": 0, "text": "Tell me about a figure.", "by": "interviewer", "turn": 1}
    await bot.event(3, "question.asked", **told)
    await bot.event(None, "suggestion.created", **CARD)
    await bot.says(4, 2, ANSWER, question_id="figure")


@pytest.mark.parametrize(("role", "subject"), [("candidate", "candidate"), ("interviewer", "interviewer")])
async def test_an_objection_throws_everything_away_and_leaves_a_receipt(plane: Plane, role: str, subject: str) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot", plan=RATED, evaluate_at_end=True)
    path = f"/v1/interviews/{interview_id}"
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    sound = recorded(plane, spec.attempt_id)  # of an incarnation that was killed
    async with uplink(spec) as bot:
        await asks_and_answers(bot)
        await bot.says(5, 3, OBJECTION, role=role, question_id=None)
        said = {"given": False, "method": "voice", "text": OBJECTION, "turn": 3, "notice": "observing-1-en"}
        await bot.event(6, "consent", **said)
        await bot.event(7, "recording.discarded", bytes=4711, duration_ms=9000, sha256="ab" * 32)
        await bot.event(8, "ended", reason="consent_declined", report={"questions": []})
        body = await until(client, interview_id, "cancelled")
    assert (body["status_reason"], body["summary"], body["recording"]) == ("consent_declined", None, None)
    (receipt,) = await receipts(client, path)
    assert body["no_evaluation"]["receipt_id"] == receipt["id"] and body["no_evaluation"]["cause"] == "objection"
    assert (receipt["role"], receipt["subject"], receipt["words"]) == (role, subject, OBJECTION)
    assert (receipt["said_ms"], receipt["attempt_id"]) == (3000, spec.attempt_id)
    assert receipt["kinds"] == ["record", "ai_evaluation"]
    gone = {one["kind"]: one for one in receipt["purged"]}
    assert (gone["buffer"]["bytes"], gone["buffer"]["sha256"]) == (4711, "ab" * 32)
    assert gone["recording"]["bytes"] == len(sound) and len(gone["recording"]["sha256"]) == 64
    assert (gone["transcript"]["count"], gone["panel"]["count"]) == (3, 1)
    assert left(plane, spec.attempt_id) == []
    assert (await client.get(f"{path}/recording")).status_code == 404
    turns = (await client.get(f"{path}/transcript")).json()["data"]
    assert [(turn["role"], turn["text"]) for turn in turns] == [("interviewer", ""), ("candidate", ""), (role, "")]
    events = await plane.services.interviews.events_after(f"acme{plane.suffix}", interview_id, 0)
    told = "".join(str(event.as_json()) for event in events)
    assert "revenue report" not in told and "a figure" not in told
    for call in ("evaluate", "generate-score"):
        refused = await client.post(f"{path}/{call}")
        assert refused.status_code == 409 and refused.json()["code"] in ("no_consent", "no_evaluation")
    audit = (await client.get("/v1/audit", params={"action": "interview.purged"})).json()["data"]
    assert [(one["subject"], one["actor"]) for one in audit] == [(receipt["id"], subject)]
    refused_by = [(one["subject"], one["state"]) for one in (await client.get(f"{path}/consents")).json()["data"]]
    if role == "interviewer":
        assert refused_by[-1] == ("interviewer", "refused")
        assert ("candidate", "refused") not in refused_by, "nobody answers for somebody else"


async def test_a_no_is_kept_when_the_bot_is_lost_before_it_ends_the_call(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot", plan=RATED)
    path = f"/v1/interviews/{interview_id}"
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    async with uplink(spec) as bot:
        await asks_and_answers(bot)
        secret = "Is the salary of Zanzibar negotiable?"
        await bot.event(5, "task", kind="candidate_question", text=f"The candidate asked: {secret}", question=secret)
        await bot.event(6, "incident", code="event_not_understood", detail=secret, event=secret)
        await bot.says(7, 3, OBJECTION, question_id=None)
        await bot.event(8, "consent", given=False, method="voice", text=OBJECTION, turn=3)
        await bot.event(9, "consent", given=False, method="none", text="")
        await bot.acknowledged(9)
    left_behind = outbox_path(plane.services.settings.outbox_dir, spec.attempt_id, 9)
    left_behind.parent.mkdir(parents=True, exist_ok=True)
    left_behind.write_text("")
    plane.launcher.end(LaunchHandle.of(spec), Exited(137, "killed"))
    body = await until(client, interview_id, "cancelled", "failed", "completed")
    assert (body["status"], body["status_reason"], body["summary"]) == ("cancelled", "consent_declined", None)
    (receipt,) = await receipts(client, path)
    assert (receipt["words"], receipt["said_ms"], receipt["cause"]) == (OBJECTION, 3000, "objection")
    events = await plane.services.interviews.events_after(f"acme{plane.suffix}", interview_id, 0)
    tasks = (await client.get(f"{path}/tasks")).text
    assert "Zanzibar" not in tasks + "".join(str(event.as_json()) for event in events)
    assert not left_behind.exists()


async def test_what_is_taken_back_afterwards_goes_with_a_receipt_for_each(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, plan=RATED)
    path = f"/v1/interviews/{interview_id}"
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    sound = recorded(plane, spec.attempt_id)
    async with uplink(spec) as bot:
        await asks_and_answers(bot)
        await bot.event(5, "ended", reason="completed", report={"questions": [], "duration_ms": 60_000})
        await until(client, interview_id, "completed")
    scored = await rated(client, path)
    key = {"Idempotency-Key": "again"}
    assert (await client.post(f"{path}/generate-score", headers=key)).status_code == 201
    scored = (await client.get(f"{path}/assessment")).json()
    assert (await client.get(f"{path}/recording")).content == sound

    given = await consent(client, interview_id, "record")
    await withdraw(client, interview_id, given["id"])
    await withdraw(client, interview_id, given["id"])
    (first,) = await receipts(client, path)
    assert (first["cause"], first["kinds"], first["subject"], first["words"]) == (
        "withdrawal",
        ["record"],
        "candidate",
        None,
    )
    assert [(one["kind"], one["bytes"]) for one in first["purged"]] == [("recording", len(sound))]
    assert left(plane, spec.attempt_id) == [] and (await client.get(f"{path}/recording")).status_code == 404
    recorded(plane, spec.attempt_id, epoch=2)  # as on the machine of another replica
    await remove_recordings(plane.services.database, plane.services.settings.recordings_dir, None)
    assert left(plane, spec.attempt_id) == []
    assert (await client.get(f"{path}/assessment")).status_code == 200, "that was about the recording"
    assert (await client.get(path)).json()["no_evaluation"] is None

    given = await consent(client, interview_id)
    await withdraw(client, interview_id, given["id"])
    second = (await receipts(client, path))[0]
    assert [one["kind"] for one in second["purged"]] == ["evaluation"] * 3 + ["transcript", "panel"]
    gone = next(one for one in second["purged"] if one["id"] == scored["id"])
    assert gone["count"] == len(scored["evidence"])
    assert (await client.get(f"{path}/assessment")).status_code == 409
    assert (await client.post(f"{path}/generate-score", headers=key)).status_code == 409, "no answer of before"
    for part in ("", "/evaluations", "/transcript", "/report"):
        assert "revenue report" not in (await client.get(f"{path}{part}")).text
    versions = (await client.get(f"{path}/evaluations")).json()["data"]
    assert {(one["status"], one["result"] is None) for one in versions} == {("withdrawn", True)}
    assert (await client.get(path)).json()["no_evaluation"]["cause"] == "withdrawal"


async def test_a_candidate_takes_their_consent_back_by_their_own_link_and_nobody_elses(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, plan=RATED)
    path = f"/v1/interviews/{interview_id}"
    for role in ("candidate", "interviewer"):
        await comes(plane, interview_id, role, consented=True, notice=NOTICE)
    made = await client.post(f"{path}/links", json={"role": "candidate", "name": "Ada"})
    ada = plane.client()
    ada.headers["Authorization"] = f"Bearer {made.json()['url'].partition('#')[2]}"
    async with uplink(spec) as bot:
        await asks_and_answers(bot)
        await bot.acknowledged(4)
        own = (await ada.get(f"{path}/consents")).json()["data"]
        assert {one["subject"] for one in own} == {"candidate"}
        theirs = next(
            one for one in (await client.get(f"{path}/consents")).json()["data"] if one["role"] != "candidate"
        )
        assert (await withdraw(ada, interview_id, theirs["id"])).status_code == 404
        record = next(one for one in own if one["kind"] == "record")
        assert (await withdraw(ada, interview_id, record["id"])).json()["state"] == "withdrawn"
        command = await bot.told()
        assert (command["command"], command["reason"]) == ("stop", "consent_declined")
        await bot.event(5, "ended", reason="consent_declined", report={"questions": []})
        await until(client, interview_id, "cancelled")
    (receipt,) = (await ada.get(f"{path}/receipts")).json()["data"]
    assert (receipt["cause"], receipt["subject"], receipt["words"]) == ("withdrawal", "candidate", None)
    assert {one["kind"] for one in receipt["purged"]} == {"transcript"}, "the panel is the interviewers' business"
    (whole,) = await receipts(client, path)
    assert {one["kind"] for one in whole["purged"]} == {"transcript", "panel"}
    assert (await ada.get(path)).status_code == 401


async def test_receipts_are_kept_apart_by_tenant_and_scope(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    path = f"/v1/interviews/{interview_id}/receipts"
    assert (await client.get(path)).json()["data"] == []
    assert (await plane.client("globex").get(path)).status_code == 404
    refused = await plane.client("acme", "job:read").get(path)
    assert (refused.status_code, refused.json()["required_permission"]) == (403, "interview:read")


async def two_tries(plane: Plane, client: httpx.AsyncClient, **more: Any) -> tuple[str, list[BotSpec]]:
    """An interview whose first try was held, recorded and written up, and whose second goes on."""
    interview_id, first = await plane.started(client, plan=RATED, max_attempts=2, **more)
    path = f"/v1/interviews/{interview_id}"
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    recorded(plane, first.attempt_id)
    async with uplink(first) as bot:
        await asks_and_answers(bot)
        await bot.event(5, "ended", reason="completed", report={"questions": [], "duration_ms": 60_000})
        await until(client, interview_id, "completed")
    assert (await client.post(f"{path}/attempts")).status_code in (200, 201, 202)
    assert (await client.post(f"{path}/start")).status_code == 202
    second = plane.spec_of(interview_id)
    assert second.attempt_id != first.attempt_id
    return interview_id, [first, second]


@pytest.mark.parametrize("kinds", [("record",), ("record", "ai_evaluation")])
async def test_what_is_taken_back_in_a_later_try_is_taken_back_for_every_try(
    plane: Plane, kinds: tuple[str, ...]
) -> None:
    client = plane.client()
    interview_id, (first, second) = await two_tries(plane, client)
    path = f"/v1/interviews/{interview_id}"
    recorded(plane, second.attempt_id)
    async with uplink(second) as bot:
        await asks_and_answers(bot)
        for kind in reversed(kinds):
            await withdraw(client, interview_id, (await consent(client, interview_id, kind))["id"])
        assert (await bot.told())["reason"] == "consent_declined"
        await bot.event(5, "ended", reason="consent_declined", report={"questions": []})
        await until(client, interview_id, "cancelled")
    assert left(plane, first.attempt_id) == left(plane, second.attempt_id) == []
    receipt = (await receipts(client, path))[0]
    assert (receipt["cause"], receipt["attempt_id"]) == ("withdrawal", None)
    assert [one["kind"] for one in receipt["purged"]].count("recording") == 2
    async with plane.services.database.read() as tx:
        rows = await tx.session.scalars(select(TurnRow).where(TurnRow.interview_id == interview_id))
        words = {row.attempt_id: row.text for row in rows if row.role == "candidate"}
    assert words[second.attempt_id] == "", "nothing of the call in which they said no is kept"
    assert (words[first.attempt_id] == "") is (len(kinds) == 2), "words go with the last consent"


async def test_an_interviewer_who_objects_takes_the_try_they_are_in_and_no_other(plane: Plane) -> None:
    client = plane.client()
    interview_id, (first, second) = await two_tries(plane, client, mode="copilot")
    recorded(plane, second.attempt_id)
    async with uplink(second) as bot:
        await asks_and_answers(bot)
        await bot.says(5, 3, OBJECTION, role="interviewer", question_id=None)
        await bot.event(6, "consent", given=False, method="voice", text=OBJECTION, turn=3)
        await bot.event(7, "ended", reason="consent_declined", report={"questions": []})
        await until(client, interview_id, "cancelled")
    assert left(plane, first.attempt_id) and not left(plane, second.attempt_id)
    assert (await receipts(client, f"/v1/interviews/{interview_id}"))[0]["attempt_id"] == second.attempt_id


async def test_a_candidate_who_takes_it_back_where_no_bot_hears_it_finds_it_gone(plane: Plane) -> None:
    """In the room between two tries, and by the API while a bot is out of its room: each time with a receipt."""
    client = plane.client()
    interview_id, spec = await plane.started(client, plan=RATED, max_attempts=2)
    path = f"/v1/interviews/{interview_id}"
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    sound = recorded(plane, spec.attempt_id)
    async with uplink(spec) as bot:
        await asks_and_answers(bot)
        await bot.event(5, "ended", reason="completed", report={"questions": [], "duration_ms": 60_000})
        await until(client, interview_id, "completed")
    await client.post(f"{path}/attempts")
    made = await client.post(f"{path}/links", json={"role": "candidate", "name": "Ada"})
    key = made.json()["url"].partition("#")[2]
    async with connect(plane.sockets(f"/room/{interview_id}/signal")) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps({"type": "hello", "token": key}))
        await line.recv()
        for _ in range(2):  # a page says it again to be sure
            await line.send(json.dumps({"type": "control", "control": "withdraw"}))
        while not (found := await receipts(client, path)):
            await asyncio.sleep(0.01)
    (receipt,) = found
    assert (receipt["cause"], receipt["kinds"]) == ("withdrawal", ["record", "ai_evaluation"])
    assert {one["kind"]: one.get("bytes") for one in receipt["purged"]}["recording"] == len(sound)
    assert {one["kind"] for one in receipt["purged"]} >= {"recording", "transcript", "panel"}
    assert left(plane, spec.attempt_id) == []

    assert (await client.post(f"{path}/start")).status_code == 202
    ada = plane.client()
    ada.headers["Authorization"] = f"Bearer {key}"
    async with uplink(plane.spec_of(interview_id)) as bot:
        answer = await ada.post(f"{path}/consents/withdraw")
        assert answer.status_code == 200 and {one["state"] for one in answer.json()["data"]} == {"withdrawn"}
        assert (await bot.told())["reason"] == "consent_declined", "who may not be recorded is in no call"
    for stranger, status in (
        (plane.client("globex"), 404),
        (plane.client("acme", "interview:read"), 403),
    ):
        assert (await stranger.post(f"{path}/consents/withdraw")).status_code == status
    ines = await client.post(f"{path}/links", json={"role": "interviewer", "name": "Ines"})
    ada.headers["Authorization"] = f"Bearer {ines.json()['url'].partition('#')[2]}"
    assert (await ada.post(f"{path}/consents/withdraw")).status_code == 403
