"""Two control planes behind one PostgreSQL and one Redis: whoever is asked, the answer is the same, and each thing
happens once."""

import asyncio
import contextlib
import hashlib
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import update
from websockets.exceptions import ConnectionClosed

from api.interviews.leases import NOBODY, LeaseRow
from api.interviews.tables import InterviewRow
from bot.spec import BotSpec
from orchestrator import BotLauncher, LaunchHandle
from tests.fakes.launcher import HeldLauncher, MemoryLauncher
from tests.fakes.webhooks import webhook_server
from tests.guards import HANG_S
from tests.integration.plane import PLAN, Plane, close_code, running, until, uplink
from tests.running_host import running_host
from tests.running_postgres import Postgres
from tests.running_redis import running_redis

SECOND = timedelta(seconds=1)
ANN = {"first_name": "Ann", "last_name": "Example", "data_expires_on": "2999-01-01"}
HANDED_OVER_S = 10.0  # a busy machine's share in it included
LONGER_THAN_ANY_TEST = HANG_S * 2  # between two looks of what looks around now and then


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@dataclass
class Pair:
    """Where two replicas meet, and where each keeps its own."""

    folder: Path
    database: str
    redis: str

    @asynccontextmanager
    async def one(self, name: str, launcher: BotLauncher | None = None, **settings: Any) -> AsyncIterator[Plane]:
        """Serve one of them, with files of its own."""
        shared = {"database_url": self.database, "event_bus_url": self.redis, "signing_key_file": self.folder / "key"}
        async with running(self.folder / name, launcher, **(shared | settings)) as plane:
            yield plane

    @asynccontextmanager
    async def both(
        self, a: MemoryLauncher | None = None, b: MemoryLauncher | None = None, **settings: Any
    ) -> AsyncIterator[tuple[Plane, Plane]]:
        """Serve both."""
        async with self.one("a", a, **settings) as first, self.one("b", b, **settings) as second:
            yield first, second


@pytest_asyncio.fixture
async def pair(tmp_path: Path, postgres: Postgres, redis: str) -> Pair:
    return Pair(tmp_path, await postgres.with_tables(), redis)


class WatchedLauncher(MemoryLauncher):
    """Tells how often a keeper looked."""

    looks = 0

    async def list(self) -> Sequence[LaunchHandle]:
        self.looks += 1
        return await MemoryLauncher.list(self)

    async def looked_at(self, times: int) -> None:
        """Wait until a keeper has looked so many more times."""
        wanted = self.looks + times
        async with asyncio.timeout(HANG_S):
            while self.looks < wanted:
                await asyncio.sleep(0.01)


# ---- limits ---------------------------------------------------------------------------------------------------------


async def test_what_is_used_up_at_one_is_used_up_at_the_other_and_without_redis_each_counts_for_itself(
    pair: Pair, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as stack:
        pair.redis = stack.enter_context(running_redis(tmp_path))
        async with pair.both(rate_per_minute=0, rate_per_hour=6) as (a, b):  # by the hour: no token comes back
            clients = [a.client(), b.client()] * 4
            answers = [await client.get("/v1/question-bank") for client in clients]
            assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
            assert [each.headers["x-ratelimit-remaining-hour"] for each in answers] == list("54321000")
            assert answers[0].headers["ratelimit-policy"] == '"hour";q=6;w=3600'
            assert answers[-1].json()["code"] == "rate_limited" and int(answers[-1].headers["retry-after"]) >= 1
            async with AsyncExitStack() as guessers:
                bad = {"Authorization": "Bearer guess"}
                doors = [
                    await guessers.enter_async_context(
                        httpx.AsyncClient(base_url=plane.url, headers=bad, timeout=HANG_S)
                    )
                    for plane in (a, b)
                ]
                guesses = 0
                while (await doors[guesses % 2].get("/v1/question-bank")).status_code == 401:
                    guesses += 1
            assert 60 <= guesses < 115  # each by itself would allow 60
            interview_id, spec = await a.started(a.client("globex"))
            async with uplink(spec) as bot:
                stack.close()  # Redis is gone
                assert [(await client.get("/v1/question-bank")).status_code for client in clients[:2]] == [200, 200]
                counted = (await clients[1].get("/v1/question-bank")).headers
                assert counted["x-ratelimit-remaining-hour"] == "4"
                assert (await b.client("globex").post(f"/v1/interviews/{interview_id}/cancel")).status_code == 202
                assert (await bot.told())["command"] == "stop"


# ---- bots -----------------------------------------------------------------------------------------------------------


async def test_a_bot_hears_at_once_what_was_said_to_the_other_replica(pair: Pair) -> None:
    async with pair.both(watch_every_s=LONGER_THAN_ANY_TEST) as (a, b):
        client = b.client()
        interview_id, spec = await a.started(a.client())
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.acknowledged(1)
            answer = await client.post(f"/v1/interviews/{interview_id}/cancel")
            assert (answer.status_code, answer.json()["status"]) == (202, "in_progress")
            told = await bot.told()
            assert (told["command"], told["reason"]) == ("stop", "cancelled")
            await bot.done(told)
        other, first = await a.started(a.client())
        async with uplink(first) as bot:
            assert (await client.post(f"/v1/interviews/{other}/rejoin")).status_code == 202
            assert await close_code(bot.socket) == 4409
        second = b.launcher.specs[-1]
        assert (second.attempt_id, second.epoch) == (first.attempt_id, 2)
        async with uplink(second) as bot:
            await bot.event(1, "state", state="in_call")
            await until(client, other, "in_progress")
        with pytest.raises(ConnectionClosed) as refusal:
            async with uplink(first):
                pass
        assert refusal.value.rcvd is not None and refusal.value.rcvd.code == 4409


async def test_nobody_ends_or_restarts_what_lives_elsewhere(pair: Pair) -> None:
    a_bots, b_bots = WatchedLauncher(), WatchedLauncher()
    async with pair.both(a_bots, b_bots) as (a, b):
        client = a.client()
        at_a, in_a = await a.started(client)
        at_b, _ = await b.started(b.client())
        in_a.outbox.write_bytes(b"")
        for bots in (a_bots, b_bots):
            await bots.looked_at(4)
        assert [len(a_bots.specs), len(b_bots.specs), a_bots.stopped, b_bots.stopped] == [1, 1, [], []]
        assert [(await client.get(f"/v1/interviews/{id_}")).json()["status"] for id_ in (at_a, at_b)] == ["joining"] * 2
        before = await _lease(b, at_a)
        async with b.services.database.write() as tx:  # as the revision does with what ran before there were leases
            (await tx.session.get_one(LeaseRow, before.attempt_id)).holder = NOBODY
        async with asyncio.timeout(HANG_S):
            while (await _lease(b, at_a)).holder != before.holder:
                await asyncio.sleep(0.01)
        assert (await client.post(f"/v1/interviews/{at_a}/rejoin")).status_code == 202
        assert (await b.client().post(f"/v1/interviews/{at_a}/rejoin")).status_code == 202
        async with asyncio.timeout(HANG_S):  # the one that was followed elsewhere is made to leave
            while LaunchHandle.of(a_bots.specs[-1]) in await a_bots.list():
                await asyncio.sleep(0.01)
        assert [spec.epoch for spec in (*a_bots.specs, b_bots.specs[-1])] == [1, 2, 3]
        await b.crashes(at_b)
        over = await until(client, at_b, "failed")
        assert over["status_reason"] == "bot_crashed"
        moves = [event.data for event in await _events(a, at_b) if event.type == "interview.status"]
        assert [move["status"] for move in moves] == ["ready", "joining", "evaluating", "failed"]


async def test_a_start_that_is_under_way_is_not_made_again_and_can_not_be_rejoined(pair: Pair) -> None:
    slow, bots = HeldLauncher(), WatchedLauncher()
    async with pair.both(slow, bots, lease_s=6.0) as (a, b), asyncio.TaskGroup() as tasks:
        client = b.client()
        interview_id = await b.created(client)
        starting = tasks.create_task(a.client().post(f"/v1/interviews/{interview_id}/start"))
        async with asyncio.timeout(HANG_S):
            await slow.asked.wait()
            first = await _lease(b, interview_id)
            while (await _lease(b, interview_id)).expires_at == first.expires_at:  # until the claim was renewed
                await asyncio.sleep(0.02)
        await bots.looked_at(3)
        again = await client.post(f"/v1/interviews/{interview_id}/rejoin")
        assert (again.status_code, again.json()["code"]) == (409, "being_started")
        slow.let_go.set()
        assert (await starting).status_code == 202
        assert (slow.starts, len(slow.specs), bots.specs) == (1, 1, [])
        assert ((await _lease(b, interview_id)).busy, first.busy) == (False, True)


async def test_what_a_dead_replica_held_is_taken_over_when_its_lease_runs_out_and_it_gives_way_when_it_is_back(
    pair: Pair,
) -> None:
    dead, alive = HeldLauncher(), WatchedLauncher()
    dead.let_go.set()
    async with pair.one("b", alive, lease_s=3.0) as b, asyncio.TaskGroup() as tasks:
        client = b.client()
        async with pair.one("a", dead, lease_s=3.0) as a:
            talking, spec = await a.started(a.client())
            dead.let_go.clear()
            dead.asked.clear()
            starting = await a.created(a.client())
            tasks.create_task(_asked_in_vain(a, starting))
            await dead.asked.wait()
        before = await _lease(b, talking)
        async with asyncio.timeout(HANG_S):
            while len(alive.specs) < 2:
                await asyncio.sleep(0.01)
        assert {(each.interview_id, each.epoch) for each in alive.specs} == {(talking, 2), (starting, 2)}
        assert (await _lease(b, talking)).expires_at > before.expires_at
        tries = (await client.get(f"/v1/interviews/{starting}/attempts")).json()["data"]
        assert [one["cause"] for one in tries[0]["connections"]] == ["start", "start"]
        async with pair.one("a", dead):
            async with asyncio.timeout(HANG_S):
                while LaunchHandle.of(spec) in await dead.list():
                    await asyncio.sleep(0.01)
        assert (await client.get(f"/v1/interviews/{starting}")).json()["status"] == "joining"


async def test_what_a_host_that_goes_down_hands_over_goes_on_at_the_other_replica_before_its_lease_runs_out(
    pair: Pair,
) -> None:
    async with running_host(pair.folder / "a") as host, AsyncExitStack() as stack:
        b = await stack.enter_async_context(pair.one("b"))
        async with pair.one("a", host.launcher) as a:
            client, calls = a.client(), set[str]()
            for _ in range(2):
                interview_id = await a.created(client, candidate={"name": "Polite"})
                assert (await client.post(f"/v1/interviews/{interview_id}/start")).status_code == 202
                calls.add(interview_id)
            await _listening(host.data_dir / "outbox", 2)
            host.process.send_signal(signal.SIGTERM)
            await host.process.wait()
        async with asyncio.timeout(HANDED_OVER_S):  # at once, and the lease is a minute long
            while {spec.interview_id for spec in b.launcher.specs} != calls:
                await asyncio.sleep(0.01)
        assert [spec.epoch for spec in b.launcher.specs] == [2, 2]


async def _listening(folder: Path, bots: int) -> None:
    async with asyncio.timeout(HANG_S):
        while len(list(folder.glob("*.listening"))) < bots:
            await asyncio.sleep(0.01)


async def test_a_shared_launchers_bots_are_looked_after_by_whoever_is_there(pair: Pair) -> None:
    bots = WatchedLauncher(shared=True)
    async with pair.one("b", bots) as b:
        async with pair.one("a", bots) as a:
            interview_id, spec = await a.started(a.client())
            await bots.looked_at(4)
            assert (bots.specs, bots.stopped) == ([spec], [])
            others = [await a.started(a.client(), evaluate_at_end=True) for _ in range(4)]
            await asyncio.gather(*(_interviewed(other) for _, other in others))
            for other_id, _ in others:
                await until(b.client(), other_id, "completed")
                rated = (await b.client().get(f"/v1/interviews/{other_id}/evaluations")).json()["data"]
                assert [each["version"] for each in rated] == [1, 1]
        await b.crashes(interview_id)
        body = await until(b.client(), interview_id, "failed")
        assert body["status_reason"] == "bot_crashed"


async def test_replicas_with_keys_of_their_own_say_that_they_can_not_be_one(
    pair: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    async with pair.both():
        pass
    assert "replicas_sign_with_other_keys" not in "".join(capfd.readouterr())
    async with pair.one("c", signing_key_file=None):
        pass
    assert "replicas_sign_with_other_keys" in "".join(capfd.readouterr())


# ---- once -----------------------------------------------------------------------------------------------------------


async def test_of_two_that_ask_at_once_one_is_served(pair: Pair) -> None:
    async with pair.both() as (a, b):
        clients = (a.client(), b.client())

        async def at_both(method: str, path: str, **more: Any) -> list[httpx.Response]:
            answers = await asyncio.gather(*(client.request(method, path, **more) for client in clients))
            return sorted(answers, key=lambda answer: answer.status_code)

        for _ in range(3):
            interview_id = await a.created(clients[0])
            path = f"/v1/interviews/{interview_id}"
            same = {"If-Match": (await clients[0].get(path)).headers["etag"]}
            changed = await at_both("PATCH", path, json={"title": "Another"}, headers=same)
            assert [answer.status_code for answer in changed] == [200, 412]
            started = await at_both("POST", f"{path}/start")
            assert [answer.status_code for answer in started] == [202, 409], [answer.text for answer in started]
            bots = [spec for plane in (a, b) for spec in plane.launcher.specs if spec.interview_id == interview_id]
            assert len(bots) == 1
            rejoined = await at_both("POST", f"{path}/rejoin")
            assert rejoined[0].status_code == 202
            newest = [spec for plane in (a, b) for spec in plane.launcher.specs if spec.interview_id == interview_id]
            epochs = [spec.epoch for spec in newest]
            assert sorted(epochs) == list(range(1, len(epochs) + 1))
            cancelled = await at_both("POST", f"{path}/cancel")
            assert [answer.status_code for answer in cancelled] == [202, 202]

        new = {"candidate": {"name": "Ann"}, "plan": PLAN, "external_ref": "ats-1"}
        keyed = await at_both("POST", "/v1/interviews", json=new, headers={"Idempotency-Key": "once"})
        assert keyed[0].status_code == 201 and keyed[1].status_code in {201, 409}
        again = await at_both("POST", "/v1/interviews", json=new, headers={"Idempotency-Key": "once"})
        assert {answer.json()["id"] for answer in again} == {keyed[0].json()["id"]}
        assert [answer.headers.get("idempotent-replayed") for answer in again] == ["true", "true"]
        other = await clients[1].post(
            "/v1/interviews", json=new | {"external_ref": "ats-2"}, headers={"Idempotency-Key": "once"}
        )
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        unkeyed = await at_both("POST", "/v1/interviews", json=new | {"external_ref": "ats-3"})
        assert unkeyed[0].status_code in {200, 201} and unkeyed[1].status_code in {200, 201, 409}
        for client in clients:
            page = (await client.get("/v1/interviews", params={"status": "ready"})).json()
            assert (page["meta"]["total"], len(page["data"])) == (2, 2)

        wanted = {"interview_id": interview_id}
        ticket = (await clients[0].post("/v1/tickets", json=wanted)).json()["ticket"]
        opened = await asyncio.gather(*(_opened(plane, interview_id, ticket) for plane in (a, b)))
        assert sorted(opened) == [200, 401]

        made = (await clients[0].post("/v1/keys", json={"name": "Both", "scopes": ["interview:read"]})).json()
        async with httpx.AsyncClient(
            base_url=b.url, headers={"Authorization": f"Bearer {made['key']}"}, timeout=HANG_S
        ) as holder:
            assert (await holder.get("/v1/interviews")).status_code == 200
            assert (await clients[0].delete(f"/v1/keys/{made['id']}")).status_code == 204
            assert (await holder.get("/v1/interviews")).status_code == 401


async def test_what_is_due_is_started_once_and_told_once_and_rated_once(pair: Pair) -> None:
    async with webhook_server() as server, pair.both(webhook_allow_private=True) as (a, b):
        client = a.client()
        asked = {"url": server.url, "events": ["interview.status"]}
        webhook = (await client.post("/v1/webhooks", json=asked)).json()["id"]
        later = {"policy": "at", "scheduled_at": (datetime.now(UTC) + timedelta(minutes=10)).isoformat()}
        more = {"start": later, "evaluate_at_end": True}
        due = [await plane.created(plane.client(), **more) for plane in (a, b) * 4]
        await _delivered(client, webhook, len(due))
        async with a.services.database.write() as tx:  # the clock is the database's, which no test sets
            begin = update(InterviewRow).where(InterviewRow.id.in_(due))
            await tx.session.execute(begin.values(scheduled_at=datetime.now(UTC)))
        for interview_id in due:
            await until(client, interview_id, "joining")
        async with asyncio.timeout(HANG_S):
            while sum(len(plane.launcher.specs) for plane in (a, b)) < len(due):  # sent after they are `joining`
                await asyncio.sleep(0.01)
        started = [spec.interview_id for plane in (a, b) for spec in plane.launcher.specs]
        assert sorted(started) == sorted(due)
        specs = [spec for plane in (a, b) for spec in plane.launcher.specs]
        await asyncio.gather(*(_interviewed(spec) for spec in specs))
        for interview_id in due:
            await until(client, interview_id, "completed")
            moves = [
                event.data["status"] for event in await _events(b, interview_id) if event.type == "interview.status"
            ]
            assert moves == ["scheduled", "joining", "in_progress", "evaluating", "completed"]
            rated = (await client.get(f"/v1/interviews/{interview_id}/evaluations")).json()["data"]
            assert [each["version"] for each in rated] == [1, 1]  # one of each phase
        async with asyncio.timeout(HANG_S):
            while sum(request.json["data"]["status"] == "completed" for request in server.requests) < len(due):
                await asyncio.sleep(0.01)
        told = [(request.json["data"]["interview_id"], request.json["data"]["status"]) for request in server.requests]
        assert len(told) == len(set(told)) == len(due) * 5
        assert len(set(server.ids)) == len(told)


async def test_events_that_came_to_one_are_followed_and_resumed_at_the_other(pair: Pair) -> None:
    async with pair.both() as (a, b):
        interview_id, spec = await a.started(a.client())
        seen: list[int] = []
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_says(bot, range(2, 60)))
                while len(seen) < 40:  # coming back after a few, at the one and at the other
                    await _follow(b if len(seen) % 2 else a, interview_id, seen, 7)
                tasks.create_task(_follow(b, interview_id, seen, 62 - len(seen)))
        stored = [event.seq for event in await _events(b, interview_id)]
        assert seen == stored[: len(seen)] == list(range(1, len(seen) + 1))
        assert len(seen) >= 60


# ---- files ----------------------------------------------------------------------------------------------------------


async def test_a_recording_is_had_from_either_while_the_one_that_holds_it_is_there(pair: Pair) -> None:
    sound = bytes(range(256)) * 400
    async with pair.one("b") as b:
        client = b.client()
        async with pair.one("a") as a:
            candidate = (await client.post("/v1/candidates", json=ANN)).json()["id"]
            interview_id, spec = await a.started(a.client(), candidate=None, candidate_id=candidate)
            path = f"/v1/interviews/{interview_id}/recording"
            assert spec.recording is not None
            spec.recording.write_bytes(sound)
            digest = hashlib.sha256(sound).hexdigest()
            async with uplink(spec) as bot:
                await bot.event(1, "recording", file=spec.recording.name, bytes=len(sound), sha256=digest)
                await bot.event(2, "ended", reason="no_show", report={})
                await until(client, interview_id, "no_show")
            whole, here = await client.get(path), await a.client().get(path)
            assert (whole.status_code, whole.content) == (here.status_code, here.content) == (200, sound)
            same = ("content-type", "content-length", "etag", "accept-ranges", "content-disposition")
            assert {name: whole.headers[name] for name in same} == {name: here.headers[name] for name in same}
            part = await client.get(path, headers={"Range": "bytes=1000-1999"})
            assert (part.status_code, part.content) == (206, sound[1000:2000])
            assert part.headers["content-range"] == f"bytes 1000-1999/{len(sound)}"
            assert (await client.get(path, headers={"Range": f"bytes={len(sound)}-"})).status_code == 416
            assert (await b.client("globex").get(path)).status_code == 404
            assert (await b.client("acme", "interview:read").get(path)).status_code == 403
            hidden = spec.recording.rename(spec.recording.with_suffix(".hidden"))
            assert (await client.get(path)).status_code == 503  # it was not where it should have been
            hidden.rename(spec.recording)
        away = await client.get(path)
        assert (away.status_code, away.json()["code"]) == (503, "recording_elsewhere")
        assert int(away.headers["retry-after"]) >= 1
        wanted = {"candidate_id": candidate, "reason": "asked to"}
        assert (await client.post("/v1/privacy/erasures", json=wanted)).status_code == 201
        assert spec.recording.exists()
        async with pair.one("a"), asyncio.timeout(HANG_S):  # what it missed while it was away
            while spec.recording.exists():
                await asyncio.sleep(0.01)


# ---- helpers --------------------------------------------------------------------------------------------------------


async def _lease(plane: Plane, interview_id: str) -> LeaseRow:
    body = (await plane.client().get(f"/v1/interviews/{interview_id}")).json()
    async with plane.services.database.read() as tx:
        lease = await tx.session.get(LeaseRow, body["attempt"]["id"])
    assert lease is not None
    return lease


async def _events(plane: Plane, interview_id: str) -> Sequence[Any]:
    return await plane.services.interviews.events_after("acme", interview_id, 0)


async def _asked_in_vain(plane: Plane, interview_id: str) -> None:
    """Ask for a start of somebody who dies over it."""
    headers = {"Authorization": f"Bearer {plane.token()}"}
    async with httpx.AsyncClient(base_url=plane.url, headers=headers, timeout=HANG_S) as client:
        with contextlib.suppress(httpx.HTTPError):
            await client.post(f"/v1/interviews/{interview_id}/start", timeout=HANG_S)


async def _delivered(client: httpx.AsyncClient, webhook_id: str, count: int) -> None:
    """Wait until so many messages were taken, and are known to have been."""
    path = f"/v1/webhooks/{webhook_id}/deliveries"
    async with asyncio.timeout(HANG_S):
        while (await client.get(path, params={"status": "delivered"})).json()["meta"]["total"] < count:
            await asyncio.sleep(0.01)


async def _opened(plane: Plane, interview_id: str, ticket: str) -> int:
    async with (
        httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as client,
        client.stream("GET", f"/v1/interviews/{interview_id}/events", params={"ticket": ticket}) as response,
    ):
        return response.status_code


async def _interviewed(spec: BotSpec) -> None:
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.says(2, 1, "I built a billing system that 40 people used every day.")
        await bot.event(3, "ended", reason="completed", report={})
        await bot.acknowledged(3)


async def _says(bot: Any, numbers: range) -> None:
    for n in numbers:
        await bot.says(n, n, f"Sentence {n}.")
        await bot.acknowledged(n)


async def _follow(plane: Plane, interview_id: str, seen: list[int], count: int) -> None:
    """Read `count` further events from where `seen` ends."""
    headers = {"Last-Event-ID": str(seen[-1])} if seen else {}
    client = plane.client()
    wanted = len(seen) + count
    async with (
        asyncio.timeout(HANG_S),
        client.stream("GET", f"/v1/interviews/{interview_id}/events", headers=headers) as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith("id: ") and int(line[4:]) > (seen[-1] if seen else 0):
                seen.append(int(line[4:]))
            if len(seen) >= wanted:
                return
