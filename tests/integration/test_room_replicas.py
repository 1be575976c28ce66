"""A call whose parties are connected to two replicas, with one database and one Redis between them."""

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from audio import SAMPLE_RATE
from bot.candidate import seat_of_link
from bot.platforms import Control, ParticipantJoined, ParticipantLeft, Removed
from bot.platforms.room import RoomConnection, join_room
from tests.fakes.cable import cable_to
from tests.guards import HANG_S, connect
from tests.integration.plane import Plane, running, uplink
from tests.integration.voices import Ear, pitch, talk, until
from tests.running_redis import running_redis


@dataclass(frozen=True)
class Shared:
    """What replicas have in common."""

    folder: Path
    redis: str

    def settings(self, name: str) -> dict[str, str]:
        return {
            "data_dir": str(self.folder / name),
            "database_url": f"sqlite+aiosqlite:///{self.folder / 'shared.db'}",
            "event_bus_url": self.redis,
            "signing_key_file": str(self.folder / "key"),
        }

    @asynccontextmanager
    async def plane(self, name: str) -> AsyncIterator[Plane]:
        """Serve one within this process."""
        settings = self.settings(name)
        async with running(Path(settings.pop("data_dir")), **settings) as plane:
            yield plane

    @asynccontextmanager
    async def process(self, name: str) -> AsyncIterator[tuple[Process, int]]:
        """Serve one in a process of its own that can be killed, and say on which port."""
        environment = {**os.environ, **{key.upper(): value for key, value in self.settings(name).items()}}
        with socket.create_server(("127.0.0.1", 0)) as listening:
            fd, port = listening.fileno(), int(listening.getsockname()[1])
            command = [sys.executable, "-m", "api", "--fd", str(fd)]
            process = await asyncio.create_subprocess_exec(*command, env=environment, pass_fds=[fd], stdout=DEVNULL)
        try:
            yield process, port
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    with running_redis(tmp_path) as url:
        yield Shared(tmp_path, url)


async def seat_at(plane: Plane, interview_id: str, **link: str) -> tuple[str, str]:
    """Make a link at one replica; return its signalling URL and its token."""
    answer = await plane.client().post(f"/v1/interviews/{interview_id}/links", json={"name": "Ada", **link})
    return seat_of_link(answer.json()["url"])


async def hear_each_other(bot: RoomConnection, bot_ear: Ear, ada: RoomConnection, ada_ear: Ear, ada_id: str) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(talk(ada, 50, 440))
        tasks.create_task(talk(bot, 50, 880))
    assert pitch(await bot_ear.hears(ada_id, 0.9)) == pytest.approx(440, abs=3)
    [bot_id] = ada_ear.heard
    assert pitch(await ada_ear.hears(bot_id, 0.9)) == pytest.approx(880, abs=3)


async def test_a_call_across_two_replicas_is_like_any_other(shared: Shared) -> None:
    told: list[dict[str, Any]] = []
    async with shared.plane("a") as a, shared.plane("b") as b:
        interview_id, spec = await a.started(a.client())
        url, token = await seat_at(b, interview_id, role="candidate")
        assert urlsplit(url).port == urlsplit(b.url).port != urlsplit(spec.room.url).port
        bot_ear, ada_ear = Ear(), Ear()
        bot_seat = join_room(spec.room.url, spec.room.token.get_secret_value(), ear=bot_ear)
        async with bot_seat as bot, uplink(spec) as line:
            await line.event(None, "floor", floor="waiting", expecting=None, question_id=None, number=None, of=2)
            async with join_room(url, token, ear=ada_ear, consented=True, on_frame=told.append) as ada:
                joined = await until(bot, ParticipantJoined)
                assert isinstance(joined, ParticipantJoined)
                assert (joined.participant.name, joined.participant.consented) == ("Ada", True)
                await until(ada, ParticipantJoined)
                await hear_each_other(bot, bot_ear, ada, ada_ear, joined.participant.id)
                await line.says(1, 1, "I built a search page.")
                await line.event(2, "ended", reason="no_show", report={})
                removed = await until(ada, Removed)
                assert removed == Removed("4410")
        captions = [frame["text"] for frame in told if frame["type"] == "caption"]
        assert captions == ["I built a search page."]
        assert [frame["floor"] for frame in told if frame["type"] == "floor"] == ["waiting"]
        assert told[-1] == {"type": "ended", "reason": "no_show"}


async def test_a_candidate_whose_replica_is_killed_goes_on_at_the_other_in_the_middle_of_a_sentence(
    shared: Shared,
) -> None:
    async with shared.plane("a") as a, shared.process("b") as (process, port), cable_to(port) as balancer:
        interview_id, spec = await a.started(a.client())
        url, token = await seat_at(a, interview_id, role="candidate")
        url = at(url, balancer.port)
        bot_ear, ada_ear = Ear(), Ear()
        async with (
            join_room(spec.room.url, spec.room.token.get_secret_value(), ear=bot_ear) as bot,
            join_room(url, token, ear=ada_ear, patience_s=HANG_S) as ada,
        ):
            joined = await until(bot, ParticipantJoined)
            assert isinstance(joined, ParticipantJoined)
            await until(ada, ParticipantJoined)
            hub = a.services.hub
            assert [member.is_bot for member in hub.members(interview_id)] == [True], "the candidate is at the other"
            async with asyncio.TaskGroup() as tasks:
                talking = tasks.create_task(talk(ada, 150, 440))
                await asyncio.sleep(0.5)
                process.kill()
                balancer.cut()
                balancer.mend(urlsplit(a.url).port)
                await talking
            assert len(await bot_ear.hears(joined.participant.id, 2.91)) <= 3.09 * SAMPLE_RATE
            async with asyncio.timeout(HANG_S):
                while len(hub.members(interview_id)) < 2:
                    await asyncio.sleep(0.01)
            await ada.send({"type": "control", "control": "repeat"})
            events = bot.events()
            async with asyncio.timeout(HANG_S):
                while not isinstance(event := await anext(events), Control):
                    assert not isinstance(event, ParticipantLeft), "nobody left: the sound went on"
            assert event.control == "repeat"
            await hear_each_other(bot, bot_ear, ada, ada_ear, joined.participant.id)


async def test_whoever_is_cut_off_from_redis_can_talk_and_newcomers_are_asked_to_try_again(shared: Shared) -> None:
    redis_port = urlsplit(shared.redis).port or 0
    async with cable_to(redis_port) as cable:
        apart = Shared(shared.folder, f"redis://127.0.0.1:{cable.port}/0")
        async with shared.plane("a") as a, apart.plane("b") as b:
            interview_id, spec = await a.started(a.client())
            url, token = await seat_at(b, interview_id, role="candidate")
            late_url, late_token = await seat_at(b, interview_id, role="observer")
            bot_ear, ada_ear = Ear(), Ear()
            async with (
                join_room(spec.room.url, spec.room.token.get_secret_value(), ear=bot_ear) as bot,
                join_room(url, token, ear=ada_ear) as ada,
            ):
                joined = await until(bot, ParticipantJoined)
                assert isinstance(joined, ParticipantJoined)
                await until(ada, ParticipantJoined)
                cable.cut()
                async with asyncio.TaskGroup() as tasks:
                    refused = tasks.create_task(knock(late_url, late_token))
                    await hear_each_other(bot, bot_ear, ada, ada_ear, joined.participant.id)
                    await ada.send({"type": "control", "control": "repeat"})
                    answer, code = await refused
                assert (answer["type"], answer["code"], code) == ("error", "room_unavailable", 1013)
                assert "try again" in answer["detail"]
                cable.mend()
                control = await until(bot, Control)
                assert isinstance(control, Control)
                assert control.participant.id == joined.participant.id
                answer, _ = await knock(late_url, late_token)
                met = {peer["participant_id"] for peer in answer["peers"]}
                assert met == {joined.participant.id, bot.welcome["participant_id"]}


@pytest.mark.parametrize("down", ["nobody", "the one who is removed", "the one who goes on"])
async def test_whoever_is_removed_hears_and_says_nothing_more_whosever_line_is_down(shared: Shared, down: str) -> None:
    async with (
        shared.plane("a") as a,
        shared.plane("b") as b,
        cable_to(urlsplit(a.url).port or 0) as adas,
        cable_to(urlsplit(b.url).port or 0) as graces,
    ):
        interview_id = (await a.started(a.client()))[0]
        ada_url, ada_token = await seat_at(a, interview_id, role="candidate", participant_id="ada")
        grace_url, grace_token = await seat_at(b, interview_id, role="interviewer", participant_id="grace")
        ada_ear, grace_ear = Ear(), Ear()
        async with (
            join_room(at(ada_url, adas.port), ada_token, ear=ada_ear, patience_s=HANG_S) as ada,
            join_room(at(grace_url, graces.port), grace_token, ear=grace_ear, patience_s=HANG_S) as grace,
        ):
            await until(grace, ParticipantJoined)
            await until(ada, ParticipantJoined)
            cut = {"nobody": [], "the one who is removed": [graces], "the one who goes on": [adas]}[down]
            for cable in cut:
                cable.cut()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(talk(ada, 50, 440))
                tasks.create_task(talk(grace, 50, 880))
            await grace_ear.hears("ada", 0.9)
            await ada_ear.hears("grace", 0.9)
            answer = await a.client().delete(f"/v1/interviews/{interview_id}/interviewers/grace")
            assert answer.status_code == 204
            if down == "the one who goes on":
                adas.mend()
            left = await until(ada, ParticipantLeft)
            assert isinstance(left, ParticipantLeft)
            assert (left.participant.id, left.dropped) == ("grace", False)
            graces.mend()
            assert await until(grace, Removed) == Removed("not_named")
            heard = len(ada_ear.sound("grace")), len(grace_ear.sound("ada"))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(talk(ada, 50, 440))
                tasks.create_task(talk(grace, 50, 880))
            assert (len(ada_ear.sound("grace")), len(grace_ear.sound("ada"))) == heard


def at(url: str, port: int) -> str:
    """The same address by another way."""
    return url.replace(urlsplit(url).netloc, f"127.0.0.1:{port}")


async def knock(url: str, token: str) -> tuple[dict[str, Any], int | None]:
    """Say hello; return the first answer, and the close code if it was a no."""
    async with connect(url) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps({"type": "hello", "token": token}))
        answer = json.loads(await line.recv())
        if answer["type"] == "welcome":
            return answer, None
        await line.wait_closed()
        return answer, line.close_code
