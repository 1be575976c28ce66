"""Interviews that start by themselves: at a time, at once, or when the candidate comes."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.events.publisher import Publisher
from api.interviews.dispatch import STAGED
from api.interviews.repository import RunRepository
from api.interviews.scheduler import CLAIM, LATEST, Scheduler
from api.moments import rfc3339
from api.webhooks.tables import NoticeRow
from tests.fakes.launcher import MemoryLauncher
from tests.guards import HANG_S, connect
from tests.integration.plane import PLAN, Plane, running, until
from tests.running_postgres import Postgres


class SetClock:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2030, 5, 17, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def at(self, **later: float) -> str:
        """Return a time from now on, as it is sent."""
        return rfc3339(self.now + timedelta(**later))


async def _sent(plane: Plane, bots: int) -> list[str]:
    """Wait until so many bots were sent, which comes after an interview is `joining`; return to which interviews."""
    async with asyncio.timeout(HANG_S):
        while len(plane.launcher.specs) < bots:
            await asyncio.sleep(0.01)
    return [spec.interview_id for spec in plane.launcher.specs]


async def _planned(plane: Plane, at: str, **more: Any) -> str:
    return await plane.created(plane.client(), start={"policy": "at", "scheduled_at": at}, **more)


async def test_a_scheduled_interview_starts_when_its_time_comes_and_not_before(tmp_path: Path) -> None:
    clock = SetClock()
    async with running(tmp_path, clock=clock) as plane:
        client = plane.client()
        interview_id = await _planned(plane, clock.at(minutes=10))
        body = (await client.get(f"/v1/interviews/{interview_id}")).json()
        assert body["status"] == "scheduled"
        assert body["start"] == {"policy": "at", "scheduled_at": clock.at(minutes=10)}
        clock.now += timedelta(minutes=10) - STAGED - timedelta(seconds=1)
        assert await _scheduler(plane, clock).look() == 0
        clock.now += timedelta(seconds=1)
        body = await until(client, interview_id, "joining")
        assert await _sent(plane, 1) == [interview_id]
        assert plane.launcher.specs[0].join_at == clock.now + STAGED, "it is there, and joins on the minute"
        assert body["run_id"].startswith("run_")


async def test_an_offset_is_honoured(tmp_path: Path) -> None:
    clock = SetClock()
    async with running(tmp_path, clock=clock) as plane:
        start = {"policy": "at", "scheduled_at": "2030-05-17T12:30:00+03:00"}
        body = {"candidate": {"name": "Ann"}, "plan": PLAN, "start": start}
        made = (await plane.client().post("/v1/interviews", json=body)).json()
        assert made["start"]["scheduled_at"] == "2030-05-17T09:30:00.000Z"


@pytest.mark.parametrize(
    ("start", "status", "code", "loc", "says"),
    [
        ({"policy": "at"}, 422, "invalid", ["body", "start"], "scheduled_at goes with"),
        ({"scheduled_at": "2030-05-18T09:00:00Z"}, 422, "invalid", ["body", "start"], "goes with policy 'at'"),
        (
            {"policy": "at", "scheduled_at": "2030-05-18T09:00:00"},
            422,
            "invalid",
            ["body", "start", "scheduled_at"],
            "timezone",
        ),
        (
            {"policy": "at", "scheduled_at": "2030-05-17T08:59:59Z"},
            422,
            "invalid",
            ["body", "start", "scheduled_at"],
            "not in the future",
        ),
        (
            {"policy": "at", "scheduled_at": "2030-06-16T09:00:01Z"},
            400,
            "schedule_too_far",
            ["body", "start", "scheduled_at"],
            "30 days",
        ),
        (
            {"policy": "at", "scheduled_at": "0001-01-01T00:00:00+14:00"},
            422,
            "invalid",
            ["body", "start", "scheduled_at"],
            "outside",
        ),
    ],
)
async def test_times_that_can_not_be_kept_are_named(
    tmp_path: Path, start: dict[str, Any], status: int, code: str, loc: list[str], says: str
) -> None:
    async with running(tmp_path, clock=SetClock()) as plane:
        client = plane.client()
        body = {"candidate": {"name": "Ann"}, "plan": PLAN, "start": start}
        answer = await client.post("/v1/interviews", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        (problem,) = answer.json()["errors"]
        assert problem["loc"] == loc
        assert says in problem["what"]
        assert (await client.get("/v1/interviews")).json()["data"] == []


async def test_thirty_days_ahead_is_not_too_far(tmp_path: Path) -> None:
    clock = SetClock()
    async with running(tmp_path, clock=clock) as plane:
        await _planned(plane, clock.at(days=30))


async def test_without_room_a_start_is_tried_again_until_it_is_too_late(tmp_path: Path) -> None:
    clock, bots = SetClock(), MemoryLauncher(total=0)
    async with running(tmp_path, bots, clock=clock) as plane:
        client = plane.client()
        lucky = await _planned(plane, clock.at(minutes=1))
        clock.now += timedelta(minutes=1)
        body = await _until_reason(plane, lucky, "no_capacity")
        assert body["status"] == "scheduled"
        bots.total = 1
        assert await _scheduler(plane, clock).look() == 0  # it waits between two tries
        clock.now += CLAIM
        await until(client, lucky, "joining")
        unlucky = await _planned(plane, clock.at(minutes=1))
        clock.now += timedelta(minutes=1)
        await _until_reason(plane, unlucky, "no_capacity")
        clock.now += LATEST
        body = await until(client, unlucky, "expired")
        assert body["status_reason"] == "start_missed"
        refused = await client.post(f"/v1/interviews/{unlucky}/start")
        assert (refused.status_code, refused.json()["current_status"]) == (409, "expired")


async def test_who_has_no_room_tries_once_and_says_so_and_tries_again_when_there_is(tmp_path: Path) -> None:
    clock, bots = SetClock(), MemoryLauncher(total=0)
    async with running(tmp_path, bots, clock=clock) as plane:
        client = plane.client()
        interview_id = await _planned(plane, clock.at(minutes=1))
        clock.now += timedelta(minutes=1) - STAGED / 2
        assert await _scheduler(plane, clock).look() == 0, "until the minute itself another may have room"
        clock.now += STAGED / 2
        await _until_reason(plane, interview_id, "no_capacity")
        for _ in range(4):
            clock.now += CLAIM
            assert await _scheduler(plane, clock).look() == 0
        assert len((await client.get(f"/v1/interviews/{interview_id}/attempts")).json()["data"]) == 1
        bots.total = 1
        await until(client, interview_id, "joining")


async def test_who_goes_down_starts_nothing_that_another_may_start(tmp_path: Path) -> None:
    clock, bots = SetClock(), MemoryLauncher(draining=True)
    async with running(tmp_path, bots, clock=clock) as plane:
        client = plane.client()
        interview_id = await _planned(plane, clock.at(minutes=1))
        clock.now += timedelta(minutes=2)
        assert await _scheduler(plane, clock).look() == 0
        body = (await client.get(f"/v1/interviews/{interview_id}")).json()
        assert (body["status"], body["status_reason"], body["attempt"]) == ("scheduled", None, None)
        bots.draining = False
        await until(client, interview_id, "joining")


async def test_what_was_due_while_nobody_ran_is_started_late_but_not_too_late(tmp_path: Path) -> None:
    clock = SetClock()
    async with running(tmp_path, clock=clock) as plane:
        late = await _planned(plane, clock.at(minutes=30))
        too_late = await _planned(plane, clock.at(minutes=10))
    clock.now += timedelta(minutes=40)
    async with running(tmp_path, clock=clock) as plane:
        await until(plane.client(), late, "joining")
        await until(plane.client(), too_late, "expired")
        assert await _sent(plane, 1) == [late]
        assert plane.launcher.specs[0].join_at is None
        assert (await plane.client().get(f"/v1/interviews/{late}")).json()["status_reason"] == "started_late"


async def test_an_interview_can_start_with_its_creation(tmp_path: Path) -> None:
    bots = MemoryLauncher(total=1)
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        body = {"candidate": {"name": "Ann"}, "plan": PLAN, "start": {"policy": "now"}}
        first = (await client.post("/v1/interviews", json=body)).json()
        assert first["status"] == "joining"
        second = await client.post("/v1/interviews", json=body)
        assert (second.status_code, second.json()["status"]) == (201, "scheduled")  # tried again when there is room


async def test_a_scheduled_interview_can_be_started_early_moved_and_freed(tmp_path: Path) -> None:
    clock = SetClock()
    async with running(tmp_path, clock=clock) as plane:
        client = plane.client()
        early, moved, freed = [await _planned(plane, clock.at(minutes=5)) for _ in range(3)]
        assert (await client.post(f"/v1/interviews/{early}/start")).json()["status"] == "joining"
        later = {"start": {"scheduled_at": clock.at(hours=1)}}
        answer = await client.patch(f"/v1/interviews/{moved}", json=later)
        assert answer.json()["start"]["scheduled_at"] == clock.at(hours=1), answer.text
        answer = await client.patch(f"/v1/interviews/{freed}", json={"start": None})
        assert (answer.json()["status"], answer.json()["start"]["policy"]) == ("ready", "manual")
        past = await client.patch(f"/v1/interviews/{moved}", json={"start": {"scheduled_at": clock.at(minutes=-1)}})
        assert past.status_code == 422
        clock.now += timedelta(minutes=6)
        await _scheduler(plane, clock).look()
        assert [spec.interview_id for spec in plane.launcher.specs] == [early]
        assert plane.launcher.specs[0].join_at is None, "a person sent it early"


async def test_the_candidates_coming_starts_an_interview_that_waits_for_it(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id = await plane.created(client, start={"policy": "on_join"})
        for role, status in (("observer", "ready"), ("candidate", "joining")):
            wanted = {"role": role, "name": "Ann"}
            link = (await client.post(f"/v1/interviews/{interview_id}/links", json=wanted)).json()
            await _open_room(plane, interview_id, link["url"].partition("#")[2])
            body = await until(client, interview_id, status)
            assert role == "candidate" or plane.launcher.specs == []
        assert await _sent(plane, 1) == [interview_id]
        assert body["start"]["policy"] == "on_join"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_of_many_replicas_one_claims(tmp_path: Path, postgres: Postgres, kind: str) -> None:
    clock = SetClock()
    settings = {} if kind == "sqlite" else {"database_url": await postgres.with_tables()}
    async with running(tmp_path, clock=clock, watch_every_s=60, **settings) as plane:
        ids = {await _planned(plane, clock.at(minutes=1)) for _ in range(5)}
        clock.now += timedelta(minutes=1)

        async def claim() -> list[str]:
            async with plane.services.database.write() as tx:
                now = clock()
                rows = await RunRepository(tx.session).claim_due(now, now, now - LATEST, now + CLAIM, 3)
                return [row.id for row in rows]

        claims = await asyncio.gather(*(claim() for _ in range(6)))
        claimed = [interview_id for claim in claims for interview_id in claim]
        assert sorted(claimed) == sorted(ids)
        assert await claim() == []
        clock.now += CLAIM  # whoever claimed them has died
        assert len(await claim()) == 3


@pytest.mark.parametrize("wrong", [timedelta(hours=-1), timedelta(minutes=5), timedelta(hours=1)])
async def test_a_replica_whose_clock_is_wrong_starts_and_misses_nothing(
    tmp_path: Path, postgres: Postgres, wrong: timedelta
) -> None:
    clock = SetClock()
    async with running(tmp_path, watch_every_s=60, database_url=await postgres.with_tables()) as plane:
        clock.now = datetime.now(UTC)
        in_time = await _planned(plane, clock.at(minutes=5))
        due = await _planned(plane, clock.at(seconds=5))
        clock.now += wrong
        assert await _scheduler(plane, clock).look() == 1
        statuses = [(await plane.client().get(f"/v1/interviews/{one}")).json()["status"] for one in (in_time, due)]
        assert statuses == ["scheduled", "joining"]


async def test_replicas_that_look_at_once_start_every_interview_once(tmp_path: Path) -> None:
    clock = SetClock()
    async with running(tmp_path, clock=clock, watch_every_s=60) as plane:
        ids = {await _planned(plane, clock.at(minutes=1)) for _ in range(6)}
        clock.now += timedelta(minutes=1)
        await asyncio.gather(*(_scheduler(plane, clock).look() for _ in range(4)))
        assert sorted(spec.interview_id for spec in plane.launcher.specs) == sorted(ids)


async def test_a_clock_that_is_set_back_starts_nothing_twice_and_one_set_forward_starts_what_is_due(
    tmp_path: Path,
) -> None:
    clock = SetClock()
    async with running(tmp_path, clock=clock) as plane:
        client = plane.client()
        soon, later = await _planned(plane, clock.at(minutes=1)), await _planned(plane, clock.at(minutes=50))
        clock.now += timedelta(minutes=1)
        await until(client, soon, "joining")
        clock.now -= timedelta(hours=1)
        assert await _scheduler(plane, clock).look() == 0
        assert (await client.get(f"/v1/interviews/{soon}")).json()["status"] == "joining"
        clock.now += timedelta(hours=2)  # eleven minutes past the other one's time
        body = await until(client, later, "joining")
        assert body["status_reason"] == "started_late"
        assert await _sent(plane, 2) == [soon, later]


async def test_the_hour_that_comes_twice_when_summer_time_ends_is_told_apart_by_its_offset(tmp_path: Path) -> None:
    clock = SetClock()
    clock.now = datetime(2030, 10, 27, 0, 0, tzinfo=UTC)
    async with running(tmp_path, clock=clock) as plane:
        first, second = [await _planned(plane, f"2030-10-27T02:30:00{offset}") for offset in ("+02:00", "+01:00")]
        for due in (first, second):
            assert await _scheduler(plane, clock).look() == 0
            clock.now += timedelta(minutes=30)
            await until(plane.client(), due, "joining")
            clock.now += timedelta(minutes=30)
        assert await _sent(plane, 2) == [first, second]


async def test_who_follows_an_interview_is_reminded_once_and_again_when_it_is_moved(tmp_path: Path) -> None:
    clock = SetClock()
    async with running(tmp_path, clock=clock, watch_every_s=60) as plane:
        client = plane.client()
        interview_id = await _planned(plane, clock.at(minutes=20))
        await _planned(plane, clock.at(hours=2))

        async def reminders() -> list[dict[str, Any]]:
            await asyncio.gather(*(_scheduler(plane, clock).look() for _ in range(3)))
            events = await plane.services.interviews.events_after("acme", interview_id, 0)
            return [event.data for event in events if event.type == "interview.reminder"]

        assert await reminders() == []
        clock.now += timedelta(minutes=6)
        told = {"scheduled_at": clock.at(minutes=14), "in_s": 840}
        assert await reminders() == [told]
        assert await reminders() == [told]
        start = {"scheduled_at": clock.at(minutes=12)}
        assert (await client.patch(f"/v1/interviews/{interview_id}", json={"start": start})).status_code == 200
        assert await reminders() == [told, start | {"in_s": 720}]
        async with plane.services.database.read() as tx:
            notices = (await tx.session.scalars(select(NoticeRow).where(NoticeRow.type == "interview.reminder"))).all()
        assert [notice.data["interview_id"] for notice in notices] == [interview_id] * 2


def _scheduler(plane: Plane, clock: SetClock) -> Scheduler:
    services = plane.services
    publisher: Publisher = services.publisher
    return Scheduler(services.database, publisher, services.interviews, plane.launcher, clock, 60, 900)


async def _until_reason(plane: Plane, interview_id: str, reason: str) -> dict[str, Any]:
    client = plane.client()
    async with asyncio.timeout(HANG_S):
        while True:
            body: dict[str, Any] = (await client.get(f"/v1/interviews/{interview_id}")).json()
            if body["status_reason"] == reason:
                return body
            await asyncio.sleep(0.01)


async def _open_room(plane: Plane, interview_id: str, key: str) -> None:
    async with connect(plane.sockets(f"/room/{interview_id}/signal")) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps({"type": "hello", "token": key}))
        assert json.loads(await line.recv())["type"] == "welcome"
