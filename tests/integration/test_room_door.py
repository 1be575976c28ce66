"""Who gets into a room of the real control plane, by the links it makes, and what the others are told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets
from livekit import api as livekit
from websockets.asyncio.client import ClientConnection

from api.links import ISSUER
from bot.errors import LinkRefused
from bot.platforms.room import join_room
from orchestrator import Exited, LaunchHandle
from tests.guards import HANG_S, connect
from tests.integration.plane import Plane, running, uplink


@pytest.fixture
async def plane(tmp_path: Path) -> AsyncIterator[Plane]:
    async with running(tmp_path) as plane:
        yield plane


async def key_of(plane: Plane, interview_id: str, role: str = "candidate") -> str:
    """The part of a join link after the #."""
    answer = await plane.client().post(f"/v1/interviews/{interview_id}/links", json={"role": role, "name": "Ada"})
    return str(answer.json()["url"]).partition("#")[2]


async def knock(plane: Plane, interview_id: str, key: str) -> tuple[dict[str, Any], int | None]:
    """Say hello; return the first answer, and the close code if it was a no."""
    async with connect(plane.sockets(f"/room/{interview_id}/signal")) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps({"type": "hello", "token": key}))
        answer = json.loads(await line.recv())
        if answer["type"] == "welcome":
            return answer, None
        await line.wait_closed()
        return answer, line.close_code


async def test_a_link_opens_its_room_and_says_what_it_is(plane: Plane) -> None:
    interview_id = await plane.created(plane.client(), organisation="Marchland Rail")
    key = await key_of(plane, interview_id)
    welcome, _ = await knock(plane, interview_id, key)
    assert (welcome["role"], welcome["name"]) == ("candidate", "Ada")
    assert welcome["interview"]["questions"] == 2
    headers = {"Authorization": f"Bearer {key}"}
    card = (await plane.client().get(f"/room/{interview_id}/card", headers=headers)).json()
    assert (card["title"], card["organisation"], card["bot"]) == ("Backend engineer", "Marchland Rail", "Viva")
    assert card["you"]["role"] == "candidate"
    assert (card["interviewers"], card["observers"]) == ([], [])
    for role, name in (("interviewer", "Grace"), ("observer", "Olga")):
        await plane.client().post(f"/v1/interviews/{interview_id}/links", json={"role": role, "name": name})
    card = (await plane.client().get(f"/room/{interview_id}/card", headers=headers)).json()
    assert (card["interviewers"], card["observers"]) == (["Grace"], ["Olga"]), "whom the candidate is told of"


def stale(plane: Plane, interview_id: str, secret: str) -> str:
    token = livekit.AccessToken(ISSUER, secret).with_identity("ada").with_attributes({"role": "candidate"})
    grants = livekit.VideoGrants(room_join=True, room=interview_id)
    return token.with_grants(grants).with_ttl(timedelta(minutes=-1)).to_jwt()


async def test_links_that_are_no_good_are_told_apart(plane: Plane) -> None:
    ours, other = await plane.created(plane.client()), await plane.created(plane.client())
    secret = plane.services.settings.secret_file.read_text().strip()
    key = await key_of(plane, ours)
    head, payload, signature = key.split(".")
    cases = {
        stale(plane, ours, secret): ("expired", 4401),
        stale(plane, ours, "somebody else's secret, long enough"): ("forged", 4401),
        f"{head}.{payload}.{signature[::-1]}": ("forged", 4401),
        "nonsense": ("forged", 4401),
        plane.token(): ("forged", 4401),  # the API's own token opens no room
        await key_of(plane, other): ("other_interview", 4403),
    }
    for bad, expected in cases.items():
        answer, code = await knock(plane, ours, bad)
        assert (answer["code"], code) == expected
        assert answer["detail"]
        headers = {"Authorization": f"Bearer {bad}"}
        card = await plane.client().get(f"/room/{ours}/card", headers=headers)
        assert (card.json()["code"], card.status_code) == (expected[0], expected[1] - 4000)
        with pytest.RaisesGroup(LinkRefused) as refused:
            async with join_room(plane.sockets(f"/room/{ours}/signal"), bad, ear=lambda who, pcm: None):
                pass
        assert [error.code for error in refused.value.exceptions] == [expected[0]]


@asynccontextmanager
async def at_the_table(plane: Plane, interview_id: str, link: dict[str, Any]) -> AsyncIterator[ClientConnection]:
    """Somebody in the room by their link."""
    async with connect(plane.sockets(f"/room/{interview_id}/signal")) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps({"type": "hello", "token": link["url"].partition("#")[2]}))
        assert json.loads(await line.recv())["type"] == "welcome"
        yield line


async def test_who_is_removed_is_put_out_and_their_links_open_nothing(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    people = f"/v1/interviews/{interview_id}/participants"

    async def invited(role: str, name: str) -> dict[str, Any]:
        body = {"role": role, "name": name, "participant_id": name.lower()}
        answer = await client.post(f"/v1/interviews/{interview_id}/links", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    first, again = await invited("interviewer", "Ines"), await invited("interviewer", "Ines")
    await invited("candidate", "Ann")
    observer = await invited("observer", "Oscar")
    await client.put(f"/v1/interviews/{interview_id}/interviewers/igor", json={"name": "Igor"})
    listed = (await client.get(people)).json()["data"]
    assert [(one["participant_id"], one["role"]) for one in listed] == [
        ("ines", "interviewer"),
        ("ann", "candidate"),
        ("oscar", "observer"),
        ("igor", "interviewer"),
    ]
    assert listed[-1]["expires_at"] is None
    assert listed[0]["expires_at"] == again["expires_at"]
    assert not [one for one in listed if "url" in one], "links are shown once"

    assert (await plane.client("other").get(people)).status_code == 404
    assert (await plane.client("other").delete(f"{people}/ines")).status_code == 404
    assert (await client.delete(f"{people}/ann")).status_code == 409
    async with at_the_table(plane, interview_id, first) as ines, at_the_table(plane, interview_id, observer) as oscar:
        for name in ("ines", "igor"):
            assert (await client.delete(f"{people}/{name}")).status_code == 204
        assert (await client.delete(f"{people}/oscar")).status_code == 204
        for line in (ines, oscar):
            await line.wait_closed()
            assert (line.close_code, line.close_reason) == (4403, "not_named")
    assert (await client.delete(f"{people}/ines")).status_code == 404
    for link in (first, again, observer):
        answer, code = await knock(plane, interview_id, link["url"].partition("#")[2])
        assert (answer["code"], code) == ("not_named", 4403)
    assert [one["participant_id"] for one in (await client.get(people)).json()["data"]] == ["ann"]
    back = await invited("observer", "Oscar")
    welcome, _ = await knock(plane, interview_id, back["url"].partition("#")[2])
    assert welcome["role"] == "observer"


async def test_whoever_is_in_the_call_when_it_ends_is_not_told_a_status_that_will_change(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    key = await key_of(plane, interview_id)
    async with connect(plane.sockets(f"/room/{interview_id}/signal")) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps({"type": "hello", "token": key}))
        await line.recv()
        async with uplink(spec) as bot:
            await bot.event(1, "ended", reason="no_show", report={})
            assert json.loads(await line.recv()) == {"type": "ended", "reason": "no_show"}


async def test_a_second_link_for_the_candidate_takes_the_seat_over(plane: Plane) -> None:
    interview_id = await plane.created(plane.client())
    laptop, telephone = await key_of(plane, interview_id), await key_of(plane, interview_id)
    async with (
        connect(plane.sockets(f"/room/{interview_id}/signal")) as first,
        connect(plane.sockets(f"/room/{interview_id}/signal")) as second,
        asyncio.timeout(HANG_S),
    ):
        await first.send(json.dumps({"type": "hello", "token": laptop}))
        await first.recv()
        await second.send(json.dumps({"type": "hello", "token": telephone}))
        assert json.loads(await second.recv())["peers"] == []
        assert json.loads(await first.recv())["type"] == "replaced"


async def test_a_cancelled_interview_puts_everybody_out_and_lets_nobody_in(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    links = {role: await key_of(plane, interview_id, role) for role in ("candidate", "interviewer")}
    key = links["candidate"]
    async with connect(plane.sockets(f"/room/{interview_id}/signal")) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps({"type": "hello", "token": key}))
        await line.recv()
        await client.post(f"/v1/interviews/{interview_id}/cancel")
        heard = json.loads(await line.recv())
        assert (heard["type"], heard["status"]) == ("ended", "cancelled")
        with pytest.raises(websockets.ConnectionClosed):
            await line.recv()
        assert line.close_code == 4410
    answer, code = await knock(plane, interview_id, key)
    assert (answer["code"], code) == (heard["reason"], 4410)
    for role in ("candidate", "interviewer"):
        headers = {"Authorization": f"Bearer {links[role]}"}
        card = await client.get(f"/room/{interview_id}/card", headers=headers)
        assert (card.status_code, card.json()["role"]) == (410, role), "an interviewer's page offers the scorecard"


async def test_a_bot_that_was_followed_by_another_does_not_come_back(plane: Plane) -> None:
    """A machine whose network comes back may still have a bot of the call: it puts nobody out who took its place."""
    interview_id, first = await plane.started(plane.client())
    token = first.room.token.get_secret_value()
    welcome, _ = await knock(plane, interview_id, token)
    assert welcome["role"] == "bot"
    plane.launcher.end(LaunchHandle.of(first), Exited(137, "killed"))
    async with asyncio.timeout(HANG_S):
        while plane.spec_of(interview_id).epoch == 1:
            await asyncio.sleep(0.01)
    answer, code = await knock(plane, interview_id, token)
    assert (answer["code"], code) == ("superseded", 4409)
    welcome, _ = await knock(plane, interview_id, plane.spec_of(interview_id).room.token.get_secret_value())
    assert welcome["role"] == "bot"
