"""Who leads a call: the floor and the mode, from those who may ask for it to the bot and back to everybody."""

import json
from typing import Any

import httpx
import pytest

from tests.guards import connect
from tests.integration.plane import Bot, Plane, uplink
from tests.integration.plane import until as ended
from tests.integration.test_copilot import link, opened, ticket, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def events(plane: Plane, interview_id: str, tenant: str = "acme") -> list[tuple[str, dict[str, Any]]]:
    told = await plane.services.interviews.events_after(tenant + plane.suffix, interview_id, 0)
    return [(event.type, event.data) for event in told]


def bearer(plane: Plane, token: str) -> httpx.AsyncClient:
    """Asks with whatever opens: a join link's token, too."""
    client = plane.client()
    client.headers["Authorization"] = f"Bearer {token}"
    return client


async def panel_of(plane: Plane, interview_id: str) -> list[str]:
    async with connect(plane.sockets(f"/v1/interviews/{interview_id}/copilot")) as panel:
        await panel.send(await ticket(plane, interview_id, await link(plane.client(), interview_id)))
        (snapshot,) = await until(panel, "snapshot")
        return [json.loads(await panel.recv())["type"] for _ in range(snapshot["data"]["last_seq"])]


async def changes(bot: Bot, n: int, mode: str, by: str = "token") -> None:
    await bot.event(n, "mode.changed", **{"from": "solo", "to": mode, "by": by, "announced": True})
    await bot.acknowledged(n)


async def test_the_floor_is_lent_by_call_and_by_panel_once_each_and_the_bots_word_is_everybodys(plane: Plane) -> None:
    interview_id, spec = await plane.started(plane.client(), mode="copilot")
    token = await link(plane.client(), interview_id, participant_id="ines")
    client = bearer(plane, token)
    async with uplink(spec) as bot, opened(plane, interview_id, token) as panel:
        for _ in range(2):
            answer = await client.post(f"/v1/interviews/{interview_id}/floor", json={"to": "bot", "questions": 2})
            assert answer.status_code == 202, answer.text
            assert answer.json() == {"interview_id": interview_id, "to": "bot", "mode": "copilot"}
        told = await bot.told()
        assert (told["command"], told["data"]) == ("floor", {"to": "bot", "questions": 2, "by": "ines"})
        await bot.event(1, "floor.changed", **{"from": "interviewer", "to": "bot", "by": "ines", "questions": 2})
        await bot.done(told)
        (change,) = await until(panel, "floor.changed")
        assert change["data"] == {"from": "interviewer", "to": "bot", "by": "ines", "questions": 2}
        await panel.send(json.dumps({"type": "floor", "to": "interviewer"}))
        back = await bot.told()
        assert (back["command"], back["data"]["to"]) == ("floor", "interviewer"), "the second call was the same"
        await panel.send(json.dumps({"type": "floor", "to": "bot", "questions": 0}))
        assert (await until(panel, "error"))[-1]["data"]["code"] == "bad_frame"
    assert ("floor.changed", change["data"]) in await events(plane, interview_id)
    audited = (await plane.client().get("/v1/audit", params={"subject": interview_id})).json()["data"]
    assert [(one["action"], one["actor"]) for one in audited][:2] == [
        ("interview.floor.interviewer", "ines"), ("interview.floor.bot", "ines"),
    ]  # fmt: skip
    assert [one["action"] for one in audited].count("interview.floor.bot") == 1


async def test_what_could_not_be_lent_is_told_to_the_panel_alone(plane: Plane) -> None:
    interview_id, spec = await plane.started(plane.client(), mode="copilot")
    async with uplink(spec) as bot:
        stays = {"from": "interviewer", "to": "interviewer", "by": "ines", "reason": "nothing_left"}
        await bot.event(None, "floor.changed", **stays)
        await bot.event(1, "incident", code="x", detail="y")
        await bot.acknowledged(1)
    assert await panel_of(plane, interview_id) == ["floor.changed"]
    assert "floor.changed" not in dict(await events(plane, interview_id))


async def test_the_mode_follows_what_the_bot_says_and_is_audited(plane: Plane) -> None:
    client = plane.client("acme", "interview:conduct", "interview:read")
    interview_id, spec = await plane.started(plane.client())
    path = f"/v1/interviews/{interview_id}"
    async with uplink(spec) as bot:
        for _ in range(2):
            answer = await client.post(f"{path}/mode", json={"to": "shadow"})
            assert answer.status_code == 202, answer.text
            assert answer.json()["mode"] == "solo", "the bot says when"
        told = await bot.told()
        assert (told["command"], told["data"]["to"]) == ("mode", "shadow")
        await changes(bot, 1, "shadow")
        await bot.done(told)
        assert (await client.get(path)).json()["mode"] == "shadow"
        await client.post(f"{path}/mode", json={"to": "shadow"})  # it is already
        await client.post(f"{path}/cancel")
        assert (await bot.told())["command"] == "stop"
    assert await panel_of(plane, interview_id) == ["mode.changed"]
    query = {"subject": interview_id, "action": "interview.mode.shadow"}
    assert (await plane.client().get("/v1/audit", params=query)).json()["meta"]["total"] == 1


async def test_before_the_call_the_mode_is_changed_at_once(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    answer = await client.post(f"/v1/interviews/{interview_id}/mode", json={"to": "copilot"})
    assert (answer.status_code, answer.json()["mode"]) == (202, "copilot")
    (change,) = [data for type_, data in await events(plane, interview_id) if type_ == "mode.changed"]
    assert (change["from"], change["to"], change["announced"]) == ("solo", "copilot", False)
    await client.post(f"/v1/interviews/{interview_id}/start")
    assert plane.spec_of(interview_id).mode == "copilot"


async def test_a_command_that_is_not_done_is_not_taken_for_a_stop(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    await client.post(f"/v1/interviews/{interview_id}/floor", json={"to": "bot"})
    await client.post(f"/v1/interviews/{interview_id}/cancel")
    async with uplink(spec) as bot:
        assert [(await bot.told())["command"] for _ in range(2)] == ["floor", "stop"]


async def test_a_bot_that_follows_a_lost_one_has_the_mode_and_the_floor_that_held(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    async with uplink(spec) as bot:
        for n, (type_, data) in enumerate(
            [
                ("state", {"state": "waiting"}),
                ("state", {"state": "in_call"}),
                ("consent", {"given": True, "method": "page", "text": ""}),
                ("disclosure", {"notice": "assisting-1-en", "heard": True, "tries": 1}),
                ("floor.changed", {"from": "interviewer", "to": "bot", "by": "ines", "questions": 2}),
                ("question.asked", {"question_id": "q1", "follow_up": 0, "text": "What did you build last?"}),
                ("question.asked", {"question_id": "q1", "follow_up": 1, "text": "And then?"}),
            ],
            start=1,
        ):
            await bot.event(n, type_, **data)
        await bot.acknowledged(7)
    assert (await client.post(f"/v1/interviews/{interview_id}/rejoin")).status_code == 202
    second = plane.spec_of(interview_id)
    assert second.so_far is not None
    assert (second.mode, second.so_far.lent, second.so_far.disclosed) == ("copilot", 1, True)
    async with uplink(second) as bot:
        await bot.event(1, "floor.changed", **{"from": "bot", "to": "interviewer", "by": "bot", "reason": "done"})
        await changes(bot, 2, "shadow")
    await client.post(f"/v1/interviews/{interview_id}/rejoin")
    third = plane.spec_of(interview_id)
    assert third.so_far is not None
    assert (third.mode, third.so_far.lent, third.so_far.disclosed) == ("shadow", None, True)


async def test_a_mode_that_waits_in_the_bot_is_overtaken_by_the_next_and_outlives_the_bot(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="shadow")
    path = f"/v1/interviews/{interview_id}"
    async with uplink(spec) as bot:
        orders: list[dict[str, Any]] = []
        for to in ("solo", "shadow", "solo"):
            await client.post(f"{path}/mode", json={"to": to})
            orders.append(await bot.told())
            told = orders[-1]
            assert (told["command"], told["data"]["to"]) == ("mode", to), "though the row says shadow all the time"
            for overtaken in orders[:-1]:
                await bot.done(overtaken)
        await bot.event(1, "incident", code="x", detail="y")
        await bot.acknowledged(1)  # and so what came before it
    assert (await client.post(f"{path}/rejoin")).status_code == 202
    async with uplink(plane.spec_of(interview_id)) as bot:
        again = await bot.told()
        assert (again["command"], again["data"]["to"]) == ("mode", "solo")


async def test_a_bot_that_changed_the_mode_and_died_before_it_said_done_has_done_it(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="shadow")
    path = f"/v1/interviews/{interview_id}"
    async with uplink(spec) as bot:
        await client.post(f"{path}/mode", json={"to": "solo"})
        change = {"from": "shadow", "to": "solo", "by": "admin", "announced": True, "order": (await bot.told())["id"]}
        await bot.event(1, "mode.changed", **change)
        await bot.acknowledged(1)
    assert (await client.post(f"{path}/rejoin")).status_code == 202
    async with uplink(plane.spec_of(interview_id)) as bot:
        await bot.event(1, "state", state="in_call")
        await client.post(f"{path}/cancel")
        assert (await bot.told())["command"] == "stop", "and nothing else first"


async def test_a_change_that_nobody_heard_of_is_no_disclosure(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    async with uplink(spec) as bot:
        await bot.event(1, "mode.changed", **{"from": "solo", "to": "shadow", "by": "rita", "announced": False})
        await bot.event(2, "state", state="waiting")
        await bot.event(3, "state", state="in_call")
        await bot.acknowledged(3)
    await client.post(f"/v1/interviews/{interview_id}/rejoin")
    second = plane.spec_of(interview_id)
    assert second.so_far is not None
    assert (second.mode, second.so_far.disclosed) == ("shadow", False)


async def test_who_may_change_it(plane: Plane) -> None:
    interview_id, _ = await plane.started(plane.client(), mode="copilot")
    links = {role: await link(plane.client(), interview_id, role) for role in ("candidate", "observer", "interviewer")}
    removed = await link(plane.client(), interview_id, participant_id="gone")
    await plane.client().delete(f"/v1/interviews/{interview_id}/interviewers/gone")
    reads, conducts = ("interview:read", "transcript:read"), ("interview:read", "interview:conduct")
    for who, floor, mode in (
        (bearer(plane, links["candidate"]), 403, 403),
        (bearer(plane, links["observer"]), 403, 403),
        (bearer(plane, removed), 403, 403),
        (plane.client("acme", *reads), 403, 403),
        (plane.client("acme", "copilot:use"), 403, 403),  # but not named on this interview
        (plane.client("acme", *conducts), 403, 202),
        (bearer(plane, links["interviewer"]), 202, 202),
    ):
        answers = [
            await who.post(f"/v1/interviews/{interview_id}/floor", json={"to": "bot"}),
            await who.post(f"/v1/interviews/{interview_id}/mode", json={"to": "copilot"}),
        ]
        assert [answer.status_code for answer in answers] == [floor, mode]


@pytest.mark.parametrize(("path", "body"), [("floor", {"to": "bot"}), ("mode", {"to": "solo"})])
async def test_another_tenants_call_is_unknown_and_what_makes_no_sense_is_refused(
    plane: Plane, path: str, body: dict[str, Any]
) -> None:
    interview_id, _ = await plane.started(plane.client(), mode="copilot")
    url = f"/v1/interviews/{interview_id}/{path}"
    assert (await plane.client("globex").post(url, json=body)).status_code == 404
    client = plane.client()
    for wrong in ({"to": "candidate"}, {}, {**body, "questions": 51}):
        refusal = await client.post(url, json=wrong)
        assert (refusal.status_code, bool(refusal.json()["errors"])) == (422, True)


async def test_where_nothing_can_be_lent_or_changed_it_says_why(plane: Plane) -> None:
    client = plane.client()
    waiting = await plane.created(client, mode="copilot")
    led, _ = await plane.started(client)
    over = await plane.created(client)
    await client.post(f"/v1/interviews/{over}/cancel")
    for interview_id, path, to, word in (
        (waiting, "floor", "bot", "no bot"),
        (led, "floor", "bot", "copilot"),
        (over, "mode", "shadow", "over"),
    ):
        refusal = await client.post(f"/v1/interviews/{interview_id}/{path}", json={"to": to})
        assert refusal.status_code == 409
        assert word in refusal.json()["detail"]


async def test_a_lend_that_waits_in_a_bot_that_dies_is_told_the_next_one_and_once_lent_no_other(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    path = f"/v1/interviews/{interview_id}"
    async with uplink(spec) as bot:
        await client.post(f"{path}/floor", json={"to": "bot", "questions": 2})
        waiting = await bot.told()
        await client.post(f"{path}/floor", json={"to": "bot", "questions": 2})  # pressed again while it waits
    await client.post(f"{path}/rejoin")
    async with uplink(plane.spec_of(interview_id)) as bot:
        told = await bot.told()
        assert (told["id"], told["data"]) == (waiting["id"], waiting["data"])
        change = {"from": "interviewer", "to": "bot", "by": "admin", "questions": 2, "order": told["id"]}
        await bot.event(1, "floor.changed", **change)  # and it is lost before it says that it has done it
        await bot.acknowledged(1)
        await client.post(f"{path}/mode", json={"to": "shadow"})
        assert (await bot.told())["command"] == "mode", "nothing of before is left"
    await client.post(f"{path}/rejoin")
    async with uplink(plane.spec_of(interview_id)) as bot:
        assert (await bot.told())["command"] == "mode"


@pytest.mark.parametrize("how", ["removed", "without the copilot"])
async def test_a_lend_that_waits_is_taken_back_from_whoever_may_lend_no_more(plane: Plane, how: str) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    for name in ("ines", "olga"):
        await link(client, interview_id, participant_id=name)
    people = f"/v1/interviews/{interview_id}/interviewers"
    async with uplink(spec) as bot:
        await bot.event(None, "floor.wished", by="ines", questions=2)
        assert (await bot.told())["data"]["to"] == "bot"
        await client.put(f"{people}/olga", json={"name": "Olga", "copilot": False})  # whose it is not
        if how == "removed":
            assert (await client.delete(f"{people}/ines")).status_code == 204
        else:
            assert (await client.put(f"{people}/ines", json={"name": "Ines", "copilot": False})).status_code == 200
        back = await bot.told()
        assert (back["command"], back["data"]) == ("floor", {"to": "interviewer", "by": "admin"})
        assert bot.commands == []


async def test_the_floor_is_lent_by_voice_by_those_alone_who_may_by_button(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    for name in ("ines", "olga"):
        await link(client, interview_id, participant_id=name)
    people = f"/v1/interviews/{interview_id}/interviewers"
    assert (await client.put(f"{people}/olga", json={"name": "Olga", "copilot": False})).status_code == 200
    async with uplink(spec) as bot:
        for by in ("olga", "candidate_1", "ines"):
            await bot.event(None, "floor.wished", by=by, questions=2)
        told = await bot.told()
        assert (told["command"], told["data"]) == ("floor", {"to": "bot", "questions": 2, "by": "ines"})
        await bot.done(told)
        assert (await client.delete(f"{people}/ines")).status_code == 204  # in the middle of the call
        await bot.event(None, "floor.wished", by="ines", questions=1)
        await client.post(f"/v1/interviews/{interview_id}/mode", json={"to": "shadow"})
        assert (await bot.told())["command"] == "mode"
        await bot.event(1, "incident", code="x", detail="y")
        await bot.acknowledged(1)
    told = await panel_of(plane, interview_id)
    assert [one for one in told if one == "floor.changed"] == ["floor.changed"] * 3, "who may not is not obeyed"
    actors = [
        one["actor"] for one in (await client.get("/v1/audit", params={"action": "interview.floor.bot"})).json()["data"]
    ]
    assert actors == ["ines"]
    assert "floor.wished" not in dict(await events(plane, interview_id))


async def test_a_lend_that_waited_when_a_call_ended_is_void_when_it_is_taken_up_again(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    path = f"/v1/interviews/{interview_id}"
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="waiting")
        await client.post(f"{path}/floor", json={"to": "bot", "questions": 2})
        assert (await bot.told())["command"] == "floor"
        await client.post(f"{path}/cancel")
        await bot.event(2, "ended", reason="cancelled", report={"questions": []})
        await ended(client, interview_id, "cancelled")
    assert (await client.post(f"{path}/rejoin")).status_code == 202
    async with uplink(plane.spec_of(interview_id)) as bot:
        await client.post(f"{path}/mode", json={"to": "shadow"})
        assert (await bot.told())["command"] == "mode"
