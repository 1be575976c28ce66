"""The interview API over real HTTP."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from api.auth import signing_secret
from tests.fakes.launcher import AbsentHost, FullLauncher, SlowLauncher
from tests.guards import HANG_S
from tests.integration.plane import PLAN, Bot, running, until, uplink


async def test_an_interview_from_creation_to_its_summary(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client, organisation="ACME", limits={"no_show_s": 30})
        assert spec.plan.title == "Backend engineer"
        assert spec.organisation == "ACME"
        assert spec.limits.no_show_s == 30
        async with uplink(spec) as bot:
            await _hold(bot)
            body = await until(client, interview_id, "completed")
        assert body["status_reason"] == "completed"
        assert body["started_at"] and body["ended_at"]
        assert [entry["status"] for entry in body["coverage"]] == ["answered", "skipped"]
        assert body["coverage"][0]["signals"] == ["action"]
        assert body["coverage"][1]["reason"] == "time"
        assert body["summary"]["qa"][0]["answer"] == "I built a queue."
        assert body["metrics"]["response_ms"] == {"p50": 300.0, "p95": 300.0, "n": 1}
        assert body["metrics"]["join_ms"] is not None
        assert body["attempt"]["end_reason"] == "completed"
        transcript = (await client.get(f"/v1/interviews/{interview_id}/transcript")).json()
        assert [turn["text"] for turn in transcript["data"]] == ["What did you build last?", "I built a queue."]
        assert transcript["meta"]["complete"] is True


async def _hold(bot: Bot) -> None:
    await bot.event(1, "state", state="joining")
    await bot.event(2, "state", state="waiting")
    await bot.event(3, "state", state="in_call")
    await bot.event(4, "question.asked", question_id="q1", follow_up=0, text="What did you build last?")
    await bot.says(5, 1, "What did you build last?", role="bot")
    await bot.says(6, 2, "I built a queue.")
    await bot.event(7, "latency", turn_id="t2", total_ms=300)
    await bot.event(8, "question.closed", question_id="q1", outcome="answered", reason=None, signals=["action"])
    await bot.event(9, "question.closed", question_id="q2", outcome="skipped", reason="time", signals=[])
    await bot.event(10, "ended", reason="completed", report={"questions": [], "duration_ms": 9000})
    await bot.acknowledged(10)


@pytest.mark.parametrize(
    ("reason", "answered", "status"),
    [
        ("no_show", False, "no_show"),
        ("consent_declined", False, "cancelled"),
        ("stopped_by_candidate", True, "completed"),
        ("stopped_by_candidate", False, "cancelled"),
        ("candidate_silent", False, "failed"),
        ("speech_unavailable", True, "failed"),
    ],
)
async def test_how_a_call_ended_is_how_its_interview_stands(
    tmp_path: Path, reason: str, answered: bool, status: str
) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "I built a queue.", question_id="q1" if answered else None)
            await bot.event(3, "ended", reason=reason, report={})
            body = await until(client, interview_id, "completed", "failed", "cancelled", "no_show")
        assert (body["status"], body["status_reason"]) == (status, reason)


async def test_of_two_starts_at_once_exactly_one_sends_a_bot(tmp_path: Path) -> None:
    async with running(tmp_path, SlowLauncher(delay_s=0.05)) as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        start = f"/v1/interviews/{interview_id}/start"
        answers = await asyncio.gather(*(client.post(start) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409]
        refusal = next(answer for answer in answers if answer.status_code == 409)
        assert refusal.headers["content-type"] == "application/problem+json"
        assert refusal.json()["current_status"] == "joining"
        assert len(plane.launcher.specs) == 1


@pytest.mark.parametrize(
    ("launcher", "code"), [(FullLauncher(), "no_capacity"), (AbsentHost(), "launch_failed")], ids=["full", "absent"]
)
async def test_an_interview_without_a_bot_is_ready_again(tmp_path: Path, launcher: Any, code: str) -> None:
    async with running(tmp_path, launcher) as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        answer = await client.post(f"/v1/interviews/{interview_id}/start")
        assert (answer.status_code, answer.json()["code"]) == (503, code)
        assert int(answer.headers["retry-after"]) > 0
        body = (await client.get(f"/v1/interviews/{interview_id}")).json()
        assert (body["status"], body["status_reason"]) == ("ready", code)
        health = await client.get("/v1/health")
        assert health.status_code == 200


async def test_another_tenants_interview_does_not_exist(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id = await plane.created(plane.client("acme"))
        other = plane.client("globex")
        path = f"/v1/interviews/{interview_id}"
        answers = [
            await other.get(path),
            await other.post(f"{path}/start"),
            await other.post(f"{path}/cancel"),
            await other.post(f"{path}/links", json={"name": "Eve"}),
            await other.get(f"{path}/transcript"),
            await other.get(f"{path}/recording"),
            await other.get(f"{path}/events"),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert (await other.get("/v1/interviews")).json()["data"] == []
        assert plane.launcher.specs == []


async def test_lists_are_paged_filtered_and_newest_first(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        ids = [await plane.created(client, title=f"Number {n}") for n in range(3)]
        await client.post(f"/v1/interviews/{ids[0]}/cancel")
        page = (await client.get("/v1/interviews", params={"limit": 2, "page": 1})).json()
        assert [row["id"] for row in page["data"]] == [ids[2], ids[1]]
        assert page["meta"] == {"page": 1, "limit": 2, "total": 3, "pages": 2}
        cancelled = (await client.get("/v1/interviews", params={"status": "cancelled"})).json()
        assert [row["id"] for row in cancelled["data"]] == [ids[0]]


async def test_tokens_that_do_not_fit_are_refused_by_name(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        tokens = plane.services.tokens
        unsigned = jwt.encode(
            {"iss": "vivavoce", "aud": "api", "tenant": "acme", "sub": "x", "scopes": ["*"]}, "", "none"
        )
        link = plane.services.links.issue("int_1", role=_candidate(), name="Ann", expires_in=timedelta(hours=1))
        cases = {
            "": "token_missing",
            "Basic abc": "token_missing",
            "Bearer nonsense": "token_forged",
            f"Bearer {unsigned}": "token_forged",
            f"Bearer {link.token}": "token_forged",
            f"Bearer {tokens.issue('acme', expires_in=timedelta(minutes=-5))}": "token_expired",
        }
        async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as anybody:
            for header, code in cases.items():
                answer = await anybody.get("/v1/interviews", headers={"Authorization": header} if header else {})
                assert (answer.status_code, answer.json()["code"]) == (401, code), header
                assert answer.headers["www-authenticate"] == "Bearer"
        reader = plane.client("acme", "interviews:read")
        refused = await reader.post("/v1/interviews", json={"candidate": {"name": "Ann"}, "plan": PLAN})
        assert refused.status_code == 403
        assert refused.json()["required_permission"] == "interview:create"


def _candidate() -> Any:
    from bot.interview import Role

    return Role.CANDIDATE


@pytest.mark.parametrize(
    ("body", "loc", "says"),
    [
        ({"candidate": {"name": "Ann"}}, ["body"], "exactly one of plan"),
        ({"candidate": {"name": "Ann"}, "plan": PLAN, "colour": "red"}, ["body", "colour"], "Extra inputs"),
        ({"candidate": {"name": 7}, "plan": PLAN}, ["body", "candidate", "name"], "string"),
        ({"candidate": {"name": "Ann\x00"}, "plan": PLAN}, ["body", "candidate", "name"], "control characters"),
        ({"candidate": {"name": "Ann"}, "plan_name": "/etc/passwd"}, ["body", "plan_name"], "no plan"),
        ({"candidate": {"name": "Ann"}, "question_ids": ["no.such"]}, ["body", "question_ids", 0], "no.such"),
        ({"candidate": {"name": "Ann"}, "plan": PLAN, "language": "tlh"}, ["body", "language"], "pattern"),
        ({"candidate": {"name": "Ann"}, "plan": PLAN, "language": "xx"}, ["body", "language"], "does not speak"),
        ({"candidate": {"name": "Ann"}, "plan": PLAN, "mode": "loud"}, ["body", "mode"], "'shadow'"),
        (
            {"candidate": {"name": "Ann"}, "plan": PLAN, "limits": {"silence_end_s": 5}},
            ["body", "limits", "silence_end_s"],
            "not longer",
        ),
        (
            {"candidate": {"name": "Ann"}, "plan": PLAN, "limits": {"no_show_s": "60"}},
            ["body", "limits", "no_show_s"],
            "number",
        ),
    ],
)
async def test_what_can_not_be_used_is_named(tmp_path: Path, body: dict[str, Any], loc: list[Any], says: str) -> None:
    async with running(tmp_path) as plane:
        answer = await plane.client().post("/v1/interviews", json=body)
        assert answer.status_code == 422, answer.text
        problem = answer.json()
        assert problem["code"] == "invalid"
        (first,) = problem["errors"]
        assert first["loc"] == loc
        assert says in first["what"]
        assert first["todo"]


async def test_bodies_that_are_no_json_or_too_much_of_it(tmp_path: Path) -> None:
    async with running(tmp_path, max_body_bytes=200_000) as plane:
        client = plane.client()
        as_json = {"Content-Type": "application/json"}

        async def endless() -> Any:
            for _ in range(300):
                yield b"x" * 1000

        deep = await client.post("/v1/interviews", content=b"[" * 100_000, headers=as_json)
        broken = await client.post("/v1/interviews", content=b'{"title": "\\ud800"', headers=as_json)
        surrogate = await client.post("/v1/interviews", content=b'{"title": "\\ud800"}', headers=as_json)
        announced = await client.post("/v1/interviews", content=b"x" * 300_000, headers=as_json)
        unannounced = await client.post("/v1/interviews", content=endless(), headers=as_json)
        assert deep.status_code in {400, 422}
        assert broken.status_code == 422
        assert surrogate.status_code == 422
        assert (announced.status_code, unannounced.status_code) == (413, 413)
        for answer in (deep, broken, surrogate, announced, unannounced):
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_plans_from_the_bank_and_by_name(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        bank = (await client.get("/v1/question-bank")).json()["data"]
        assert len(bank) >= 60
        wanted = [bank[0]["id"], bank[-1]["id"]]
        body = {"candidate": {"name": "Ann"}, "question_ids": wanted, "minutes": 12}
        interview = (await client.post("/v1/interviews", json=body)).json()
        assert [entry["question_id"] for entry in interview["coverage"]] == wanted
        assert interview["plan"]["minutes"] == 12
        names = await client.post("/v1/interviews", json={"candidate": {"name": "Ann"}, "plan_name": "no-such"})
        ready = names.json()["errors"][0]["todo"].removeprefix("choose one of: ").split(", ")[0]
        named = await client.post("/v1/interviews", json={"candidate": {"name": "Ann"}, "plan_name": ready})
        assert named.status_code == 201
        assert named.json()["plan"]["sections"]


async def test_links_carry_what_they_open_and_end_with_the_interview(tmp_path: Path) -> None:
    async with running(tmp_path, public_url="https://voice.example.org/") as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        path = f"/v1/interviews/{interview_id}/links"
        made = await client.post(path, json={"role": "observer", "name": "Olga", "expires_in_s": 60})
        assert made.status_code == 201
        address, _, token = made.json()["url"].partition("#")
        assert address == f"https://voice.example.org/room/{interview_id}"
        seat = plane.services.links.verify(token, interview_id)
        assert (seat.role, seat.name, seat.participant_id) == ("observer", "Olga", made.json()["participant_id"])
        for wrong in ({"name": "B", "role": "bot"}, {"name": "B", "expires_in_s": 31 * 24 * 3600}, {"name": ""}):
            assert (await client.post(path, json=wrong)).status_code == 422
        assert (await client.post(path, json={"name": "B", "participant_id": "bot_1"})).status_code == 422
        await client.post(f"/v1/interviews/{interview_id}/cancel")
        over = await client.post(path, json={"name": "Ann"})
        assert (over.status_code, over.json()["current_status"]) == (409, "cancelled")


async def test_cancelling_before_during_and_after(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        early = await plane.created(client)
        assert (await client.post(f"/v1/interviews/{early}/cancel")).json()["status"] == "cancelled"
        again = await client.post(f"/v1/interviews/{early}/cancel")
        assert (again.status_code, again.json()["current_status"]) == (409, "cancelled")
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
            cancel = f"/v1/interviews/{interview_id}/cancel"
            assert (await client.post(cancel)).json()["status"] == "in_progress"
            assert (await client.post(cancel)).status_code == 202
            command = await bot.told()
            assert (command["command"], command["reason"]) == ("stop", "cancelled")
            await bot.done(command)
            await bot.event(2, "ended", reason="cancelled", report={})
            await until(client, interview_id, "cancelled")
        assert bot.commands == []
        assert plane.launcher.stopped == []


async def test_a_bot_that_does_not_listen_is_made_to_leave(tmp_path: Path) -> None:
    async with running(tmp_path, cancel_grace_s=0.1) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        await client.post(f"/v1/interviews/{interview_id}/cancel")
        body = await until(client, interview_id, "cancelled")
        assert body["status_reason"] == "cancelled"
        assert [handle.attempt_id for handle, _ in plane.launcher.stopped] == [spec.attempt_id]


async def test_recordings_are_served_in_ranges_and_from_nowhere_else(tmp_path: Path) -> None:
    sound = bytes(range(256)) * 40
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        early = await client.get(f"/v1/interviews/{interview_id}/recording")
        assert (early.status_code, early.json()["code"]) == (409, "not_available_yet")
        assert spec.recording is not None
        spec.recording.write_bytes(sound)
        async with uplink(spec) as bot:
            shape = {"duration_ms": 800, "bytes": len(sound), "sha256": hashlib.sha256(sound).hexdigest()}
            await bot.event(1, "recording", file=str(spec.recording), **shape)
            await bot.event(2, "ended", reason="no_show", report={})
            body = await until(client, interview_id, "no_show")
        assert body["recording"] == shape
        path = f"/v1/interviews/{interview_id}/recording"
        whole = await client.get(path)
        assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, sound, "audio/ogg")
        assert (await client.get(path, params={"attempt": 1})).content == sound
        assert (await client.get(path, params={"attempt": 2})).status_code == 404
        part = await client.get(path, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, sound[10:20])

        outside, spec = await plane.started(client)
        (tmp_path / "secret.ogg").write_bytes(b"not yours")
        async with uplink(spec) as bot:
            await bot.event(1, "recording", file="../secret.ogg", **shape)
            await bot.event(2, "ended", reason="no_show", report={})
            await until(client, outside, "no_show")
        assert (await client.get(f"/v1/interviews/{outside}/recording")).status_code == 404


async def test_every_answer_keeps_to_itself_and_can_be_found_in_the_log(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        mine = await client.get("/v1/interviews", headers={"X-Request-ID": "from-me.1"})
        assert mine.headers["x-request-id"] == "from-me.1"
        odd = await client.get("/v1/nowhere", headers={"X-Request-ID": "a b\tc"})
        assert odd.headers["x-request-id"].startswith("req_")
        assert odd.json()["request_id"] == odd.headers["x-request-id"]
        for answer in (mine, odd, await client.get("/v1/openapi.json")):
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_schema_names_every_problem_an_endpoint_answers_with(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        paths = (await plane.client().get("/v1/openapi.json")).json()["paths"]
        start = paths["/v1/interviews/{interview_id}/start"]["post"]["responses"]
        assert {"202", "401", "403", "404", "409", "503"} <= start.keys()
        assert "application/problem+json" in start["409"]["content"]
        assert {"204", "404"} <= paths["/v1/interviews/{interview_id}/events"]["get"]["responses"].keys()


async def test_the_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        token = plane.token()
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert len(signing_secret(tmp_path / "secret")) >= 32
    async with running(tmp_path) as plane, httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as client:
        answer = await client.get("/v1/interviews", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
