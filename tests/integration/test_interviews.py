"""Interviews over real HTTP: what they belong to, edited, deleted, found again; transcripts as captions and text."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from api.interviews.tables import InterviewRow
from api.interviews.totals import GOOD_FOR, LONG, MOST, Totals
from tests.guards import HANG_S
from tests.integration.plane import PLAN, Plane, running, until, uplink

BODY: dict[str, Any] = {"candidate": {"name": "Ann"}, "plan": PLAN}


async def test_what_an_interview_belongs_to_is_kept_and_shown(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        first = await plane.created(client, round=1)
        job = (await client.post("/v1/jobs", json={"title": "Baker at night"})).json()["id"]
        more = {
            "job_id": job,
            "round": 2,
            "root_interview_id": first,
            "purpose": "technical",
            "external_ref": "ats-7",
            "callback_url": "https://ats.example.org/hook?x=1",
            "metadata": {"source": {"board": "north"}},
            "max_attempts": 3,
        }
        made = await client.post("/v1/interviews", json=BODY | more)
        assert made.status_code == 201, made.text
        body = (await client.get(f"/v1/interviews/{made.json()['id']}")).json()
        assert {name: body[name] for name in more} == more
        assert body["start"] == {"policy": "manual", "scheduled_at": None}
        assert body["run_id"].startswith("run_")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("candidate_id", "cand_nobody"),
        ("job_id", "job_none"),
        ("template_id", "tpl_none"),
        ("root_interview_id", "int_none"),
        ("round", 0),
        ("callback_url", "ftp://example.org"),
        ("callback_url", "http://example.org/hook"),
        ("callback_url", "https://169.254.169.254/latest"),
        ("callback_url", "https://[::ffff:10.0.0.1]/hook"),
        ("callback_url", "https://ann:secret@example.org/hook"),
        ("metadata", {"a": [[[[[[[[[[1]]]]]]]]]]}),
        ("external_ref", "nul\x00"),
        ("purpose", ""),
    ],
)
async def test_what_it_can_not_belong_to_is_named(tmp_path: Path, field: str, value: object) -> None:
    async with running(tmp_path) as plane:
        answer = await plane.client().post("/v1/interviews", json=BODY | {field: value})
        assert answer.status_code == 422, answer.text
        (problem,) = answer.json()["errors"]
        assert problem["loc"] == ["body", field]
        assert problem["what"] and problem["todo"]


async def test_a_change_leads_no_callback_to_a_private_address(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        path = f"/v1/interviews/{await plane.created(client)}"
        refused = await client.patch(path, json={"callback_url": "https://127.0.0.1/hook"})
        assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["body", "callback_url"])
        assert (await client.get(path)).json()["callback_url"] is None


async def test_another_tenants_job_is_not_there_to_be_named(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        job = (await plane.client("globex").post("/v1/jobs", json={"title": "Baker at night"})).json()["id"]
        root = await plane.created(plane.client("globex"))
        mine = await plane.client("acme").post("/v1/interviews", json=BODY | {"job_id": job, "root_interview_id": root})
        assert [each["loc"][1] for each in mine.json()["errors"]] == ["job_id", "root_interview_id"]


async def test_a_candidate_on_file_gives_the_name(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        who = {"first_name": "Ada", "last_name": "King", "data_expires_on": "2099-01-01"}
        candidate = (await client.post("/v1/candidates", json=who)).json()["id"]
        made = (await client.post("/v1/interviews", json={"candidate_id": candidate, "plan": PLAN})).json()
        assert (made["candidate"]["name"], made["candidate_id"]) == ("Ada King", candidate)
        nobody = await client.post("/v1/interviews", json={"plan": PLAN})
        assert "say who is interviewed" in nobody.json()["errors"][0]["what"]


async def test_the_same_request_again_is_the_same_interview(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        body = BODY | {"external_ref": "ats-7"}
        answers = await asyncio.gather(*(client.post("/v1/interviews", json=body) for _ in range(4)))
        (interview_id,) = {answer.json()["id"] for answer in answers if answer.status_code == 201}
        other = await client.post("/v1/interviews", json=body | {"title": "Something else"})
        assert (other.status_code, other.json()["code"]) == (409, "already_exists")
        assert other.json()["existing_id"] == interview_id
        await plane.created(plane.client("globex"), external_ref="ats-7")
        await client.delete(f"/v1/interviews/{interview_id}")
        assert await plane.created(client, external_ref="ats-7", title="Something else") != interview_id


async def test_an_interview_is_changed_until_it_starts(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id = await plane.created(client, metadata={"a": 1, "b": {"c": 2, "d": 3}}, external_ref="x")
        path = f"/v1/interviews/{interview_id}"
        patch = {
            "title": "Second talk",
            "candidate": {"name": "Bob"},
            "limits": {"no_show_s": 30},
            "metadata": {"a": None, "b": {"c": 4}},
            "external_ref": None,
        }
        answer = await client.patch(path, json=patch)
        assert answer.status_code == 200, answer.text
        body = (await client.get(path)).json()
        assert body == answer.json()
        assert (body["title"], body["candidate"]["name"], body["external_ref"]) == ("Second talk", "Bob", None)
        assert body["metadata"] == {"b": {"c": 4, "d": 3}}
        assert body["plan"]["title"] == PLAN["title"]
        bank = (await client.get("/v1/question-bank")).json()["data"]
        asked = await client.put(path, json={"question_ids": [bank[0]["id"]]})
        assert [each["question_id"] for each in asked.json()["coverage"]] == [bank[0]["id"]]
        assert asked.json()["title"] == "Second talk"
        await client.post(f"{path}/start", json={"candidate_name": "Robert"})
        spec = plane.launcher.specs[-1]
        assert (spec.candidate_name, spec.limits.no_show_s) == ("Robert", 30)
        late = await client.patch(path, json={"title": "Third talk"})
        assert (late.status_code, late.json()["current_status"]) == (409, "joining")


@pytest.mark.parametrize(
    ("patch", "loc"),
    [
        ({"colour": "red"}, ["body", "colour"]),
        ({"title": 7}, ["body", "title"]),
        ({"candidate": None}, ["body"]),
        ({"plan": {"sections": []}}, ["body", "plan", "sections"]),
        ({"start": {"policy": "now"}}, ["body", "start", "policy"]),
        ({"limits": {"silence_end_s": 1}}, ["body", "limits", "silence_end_s"]),
    ],
)
async def test_a_change_that_can_not_be_leaves_all_as_it_was(tmp_path: Path, patch: Any, loc: list[str]) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        path = f"/v1/interviews/{await plane.created(client)}"
        before = (await client.get(path)).json()
        answer = await client.patch(path, json=patch)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["loc"] == loc
        assert (await client.get(path)).json() == before
        assert (await client.patch(path, json=[1])).status_code == 422


async def test_a_change_meant_for_another_version_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        path = f"/v1/interviews/{await plane.created(client)}"
        read = (await client.get(path)).headers["etag"]
        changed = await client.patch(path, json={"title": "Two"}, headers={"If-Match": read})
        assert changed.headers["etag"] != read
        for stale in (
            await client.patch(path, json={"title": "Three"}, headers={"If-Match": read}),
            await client.put(path, json={"title": "Three"}, headers={"If-Match": read}),
            await client.delete(path, headers={"If-Match": read}),
        ):
            assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
        assert (await client.get(path)).json()["title"] == "Two"
        assert (await client.delete(path, headers={"If-Match": changed.headers["etag"]})).status_code == 204


async def test_a_deleted_interview_is_nowhere(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        path = f"/v1/interviews/{interview_id}"
        run_id = (await client.get(path)).json()["run_id"]
        early = await client.delete(path)
        assert (early.status_code, early.json()["current_status"]) == (409, "joining")
        async with uplink(spec) as bot:
            await bot.event(1, "ended", reason="no_show", report={})
            await until(client, interview_id, "no_show")
        assert (await client.delete(path)).status_code == 204
        for below in ("", "/transcript", "/events", "/recording", "/attempts", "/related"):
            assert (await client.get(path + below)).status_code == 404, below
        assert (await client.patch(path, json={})).status_code == 404
        assert (await client.delete(path)).status_code == 404
        for action in ("/start", "/cancel", "/attempts", "/rejoin"):
            assert (await client.post(path + action)).status_code == 404, action
        assert (await client.post(f"{path}/links", json={"name": "Ann"})).status_code == 404
        assert (await client.get(f"/v1/runs/{run_id}/status")).status_code == 404
        assert (await client.get("/v1/interviews")).json()["meta"]["total"] == 0


async def test_who_follows_an_interview_is_told_that_it_goes(tmp_path: Path) -> None:
    async with running(tmp_path) as plane, asyncio.TaskGroup() as tasks:
        client = plane.client()
        path = f"/v1/interviews/{await plane.created(client)}"
        began = asyncio.Event()

        async def follow() -> list[str]:
            lines = []
            async with plane.client().stream("GET", f"{path}/events") as stream, asyncio.timeout(HANG_S):
                async for line in stream.aiter_lines():
                    lines.append(line)
                    began.set()
            return lines

        following = tasks.create_task(follow())
        await began.wait()
        await client.delete(path)
        assert any('"deleted"' in line for line in await following)


async def test_a_draft_waits_until_it_is_edited_or_started(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        edited, started = await plane.created(client, draft=True), await plane.created(client, draft=True)
        path = f"/v1/interviews/{edited}"
        assert (await client.patch(path, json={"title": "Still open"})).json()["status"] == "draft"
        assert (await client.patch(path, json={"draft": False})).json()["status"] == "ready"
        assert (await client.post(f"/v1/interviews/{started}/start")).json()["status"] == "joining"


ELSEWHERE = (
    "https://meet.example.com/abc-defg-hij",
    "https://meet.google.com.example.com/abc-defg-hij",
    "http://meet.google.com/abc-defg-hij",
    "https://ada:secret@meet.google.com/abc-defg-hij",
    "https://meet.google.com:8443/abc-defg-hij",
    "https://meet.google.com/about",
    "http://127.0.0.1:8090/abc-defg-hij",
    "http://[::1/abc-defg-hij",
)


async def test_a_bot_goes_to_this_servers_room_and_to_meetings_it_knows(tmp_path: Path) -> None:
    simulated = "http://127.0.0.1:8099"
    settings = {"public_url": "https://voice.example.org", "meeting_sites": f"meet={simulated}"}
    async with running(tmp_path, **settings) as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        path = f"/v1/interviews/{interview_id}/start"
        for url in ELSEWHERE:
            refused = await client.post(path, json={"meeting_url": url})
            assert (refused.status_code, refused.json()["code"]) == (409, "meeting_not_supported"), url
            assert "https://meet.google.com/abc-defg-hij" in refused.json()["detail"]
        assert (await client.get(f"/v1/interviews/{interview_id}")).json()["meeting_url"] is None
        assert plane.launcher.specs == []
        here = {"meeting_url": f"https://voice.example.org/room/{interview_id}"}
        assert (await client.post(path, json=here)).status_code == 202
        assert plane.launcher.specs[-1].meeting is None
        for url in ("https://meet.google.com/abc-defg-hij", f"{simulated}/abc-defg-hij"):
            await plane.started(client, meeting_url=url)
            meeting = plane.launcher.specs[-1].meeting
            assert meeting is not None
            assert (meeting.url, meeting.platform) == (url, "meet")


async def test_related_interviews_say_why(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        job = (await client.post("/v1/jobs", json={"title": "Baker at night"})).json()["id"]
        root = await plane.created(client, job_id=job)
        second = await plane.created(client, root_interview_id=root, round=2, job_id=job)
        third = await plane.created(client, root_interview_id=root, round=3)
        same_job = await plane.created(client, job_id=job)
        await plane.created(client)
        path = f"/v1/interviews/{second}/related"
        everything = (await client.get(path)).json()
        assert {each["interview"]["id"]: each["by"] for each in everything["data"]} == {
            root: ["job", "round_chain"],
            third: ["round_chain"],
            same_job: ["job"],
        }
        why = {each["interview"]["id"]: each["why"] for each in everything["data"]}
        assert why[same_job] == f"the same job {job}"
        assert root in why[third]
        chain = (await client.get(path, params={"by": "round_chain", "limit": 1})).json()
        assert ([each["interview"]["id"] for each in chain["data"]], chain["meta"]["total"]) == ([third], 2)
        assert (await client.get(path, params={"by": "candidate"})).json()["data"] == []
        assert (await client.get(path, params={"by": "colour"})).status_code == 422


async def test_lists_are_filtered_by_whatever_an_interview_belongs_to(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        job = (await client.post("/v1/jobs", json={"title": "Baker at night"})).json()["id"]
        first = await plane.created(client, job_id=job)
        second = await plane.created(client, external_ref="ats-7")
        third = await plane.created(client)
        await client.post(f"/v1/interviews/{third}/cancel")

        async def listed(**params: Any) -> list[str]:
            answer = await client.get("/v1/interviews", params=params)
            assert answer.status_code == 200, answer.text
            return [row["id"] for row in answer.json()["data"]]

        created = (await client.get(f"/v1/interviews/{second}")).json()["created_at"]
        assert await listed(job_id=job) == [first]
        assert await listed(external_ref="ats-7") == [second]
        assert await listed(status=["ready", "cancelled"]) == [third, second, first]
        assert await listed(status="cancelled") == [third]
        assert await listed(candidate_id="cand_none") == await listed(template_id="tpl_none") == []
        assert await listed(created_before=created) == [first]
        assert third in await listed(created_after=created)
        fourth = await plane.created(client, candidate={"name": "Zoë 100%"}, title="Night baker", mode="shadow")
        assert await listed(mode="shadow") == await listed(q="BAKER") == await listed(q="zoë 100%") == [fourth]
        assert await listed(q="%", mode="solo") == await listed(q="_") == [], "words are no pattern"
        for wrong in (
            {"created_after": "2026-01-01T00:00:00"},
            {"status": "lost"},
            {"job_id": "a\x00"},
            {"limit": 101},
        ):
            assert (await client.get("/v1/interviews", params=wrong)).status_code == 422, wrong


async def test_a_long_list_is_found_by_an_index(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        await _fill(plane, 2_000)
        page = (await client.get("/v1/interviews", params={"page": 3})).json()
        assert (page["meta"]["total"], len(page["data"])) == (2_000, 20)
        ids = [row["id"] for row in page["data"]]
        assert ids == sorted(ids, reverse=True)  # all were created at one moment: the id decides
        where = "FROM interview WHERE tenant = 'acme' AND deleted_at IS NULL"
        async with plane.services.database.read() as tx:
            plans = [
                str(row)
                for query in (
                    f"SELECT * {where} ORDER BY created_at DESC, id DESC LIMIT 20",
                    f"SELECT count(*) {where}",
                    f"SELECT * {where} AND status = 'ready' ORDER BY created_at DESC, id DESC LIMIT 20",
                )
                for row in await tx.session.execute(text(f"EXPLAIN QUERY PLAN {query}"))
            ]
        assert all("INDEX interview_" in plan and "TEMP B-TREE" not in plan for plan in plans), plans


async def _fill(plane: Plane, count: int) -> None:
    fixed = {
        "tenant": "acme",
        "title": "Filled",
        "mode": "solo",
        "language": "en",
        "status": "ready",
        "plan": PLAN,
        "candidate_name": "Ann",
        "organisation": "",
        "bot_name": "Viva",
        "limits": {},
        "created_at": datetime.now(UTC) - timedelta(days=1),
    }
    async with plane.services.database.write() as tx:
        await tx.session.execute(insert(InterviewRow), [fixed | {"id": f"int_{n:06}"} for n in range(count)])


async def test_a_transcript_as_captions_and_as_text(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        path = f"/v1/interviews/{interview_id}/transcript"
        empty = await client.get(path, params={"format": "vtt"})
        assert empty.text == "WEBVTT\n"
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "a < b && c --> d\n\nNOTE no end", role="candidate")
            await bot.says(3, 3725, "Schön.", role="bot")
            await bot.acknowledged(3)
        vtt = await client.get(path, params={"format": "vtt"})
        assert vtt.headers["content-type"] == "text/vtt; charset=utf-8"
        assert vtt.text == (
            "WEBVTT\n\n"
            "1\n00:00:01.000 --> 00:00:01.800\n<v Candidate>a &lt; b &amp;&amp; c --&gt; d NOTE no end</v>\n\n"
            "3725\n01:02:05.000 --> 01:02:05.800\n<v Bot>Schön.</v>\n"
        )
        timing = re.compile(r"\d\d+:[0-5]\d:[0-5]\d\.\d{3} --> \d\d+:[0-5]\d:[0-5]\d\.\d{3}")
        assert sum(bool(timing.fullmatch(line)) for line in vtt.text.splitlines()) == 2
        plain = await client.get(path, headers={"Accept": "text/plain, application/json;q=0.5"})
        assert plain.headers["content-type"] == "text/plain; charset=utf-8"
        assert plain.text == ("[00:00:01] Candidate: a < b && c --> d NOTE no end\n[01:02:05] Bot: Schön.\n")
        liked = await client.get(path, headers={"Accept": "text/vtt;q=0.9, text/html"})
        assert liked.text == vtt.text
        for accept in ("*/*", "text/html", "", "text/vtt;q=0"):
            answer = await client.get(path, headers={"Accept": accept})
            assert answer.json()["meta"]["turn_count"] == 2, accept
        assert (await client.get(path, params={"format": "pdf"})).status_code == 422
        forced = await client.get(path, params={"format": "json"}, headers={"Accept": "text/vtt"})
        assert forced.json()["data"][1]["text"] == "Schön."


def test_the_total_of_a_long_list_is_remembered_and_that_of_a_short_one_is_not() -> None:
    now = [datetime(2030, 5, 17, tzinfo=UTC)]
    totals = Totals(lambda: now[0])
    totals.note("long", LONG)
    totals.note("short", LONG - 1)
    assert (totals.get("long"), totals.get("short"), totals.get("other")) == (LONG, None, None)
    now[0] += GOOD_FOR
    assert totals.get("long") is None
    for n in range(MOST + 1):
        totals.note(n, LONG)
    assert (totals.get(0), totals.get(MOST)) == (None, LONG)
