"""What runs where, and the figures for Prometheus, over HTTP and by the command."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import typer
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from api.cli.fleet import fleet
from orchestrator import NO_PLACE, Exited, LaunchHandle
from tests.integration.plane import Bot, Plane, running, until, uplink

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "a token for Prometheus alone"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    async with running(tmp_path_factory.mktemp("fleet"), metrics_token=TOKEN, rate_per_minute=0) as plane:
        yield plane


def figures(text: str) -> dict[str, float]:
    """Return each sample by its name and labels, as Prometheus' own parser reads them."""
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_each_bot_is_shown_to_its_tenant_alone(plane: Plane) -> None:
    acme, other = plane.client("acme"), plane.client("other")
    interview_id, spec = await plane.started(acme)
    seen = (await acme.get("/v1/fleet")).json()
    (bot,) = seen["bots"]
    assert (bot["interview_id"], bot["attempt_id"], bot["epoch"]) == (interview_id, spec.attempt_id, 1)
    assert (bot["state"], bot["node"], bot["status"]) == ("running", seen["here"], "joining")
    assert [node["bots"] for node in seen["nodes"] if node["node"] == seen["here"]] == [1]
    assert (seen["capacity"]["total"], seen["capacity"]["free"]) == (8, 7)
    assert (await other.get("/v1/fleet")).json()["bots"] == []
    refused = await plane.client("acme", "role:recruiter").get("/v1/fleet")
    assert (refused.status_code, refused.json()["required_permission"]) == (403, "fleet:read")

    assert (await acme.post(f"/v1/interviews/{interview_id}/cancel")).status_code == 202
    assert [bot["state"] for bot in (await acme.get("/v1/fleet")).json()["bots"]] == ["leaving"]
    async with uplink(spec) as bot:
        await bot.done(await bot.told())
        await bot.event(1, "state", state="leaving")  # it says good-bye
        await bot.acknowledged(1)
        assert [bot["state"] for bot in (await acme.get("/v1/fleet")).json()["bots"]] == ["leaving"]
    await plane.launcher.stop(LaunchHandle.of(spec), grace=timedelta(0))


async def test_a_bot_that_waited_for_a_machine_in_vain_leaves_its_interview_ready(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    plane.launcher.end(LaunchHandle.of(spec), Exited(NO_PLACE, "no machine had a place for it within 60 s"))
    body = await until(client, interview_id, "ready", "scheduled", "reconnecting", "failed")
    assert (body["status"], body["status_reason"]) == ("ready", "no_capacity")
    assert [one.epoch for one in plane.launcher.specs if one.interview_id == interview_id] == [1]


async def test_figures_are_for_whoever_has_the_token_and_name_nobody(plane: Plane) -> None:
    client = plane.client()
    for headers in ({}, {"Authorization": f"Bearer {plane.token()}"}):
        assert (await client.get("/metrics", headers={"Authorization": ""} | headers)).status_code == 401
    interview_id, spec = await plane.started(client)
    before = await _figures(plane)
    async with uplink(spec) as bot:
        await _tells(bot)
    after = await _figures(plane)
    assert after["vivavoce_bots state=running"] == 1
    assert after["vivavoce_bot_places"] == 8
    grown = {name: value - before.get(name, 0) for name, value in after.items()}
    assert grown["vivavoce_response_seconds_count"] == 1
    assert grown["vivavoce_response_seconds_sum"] == pytest.approx(0.55)
    assert grown["vivavoce_response_seconds_bucket le=0.6"] == 1
    assert grown["vivavoce_response_seconds_bucket le=0.5"] == 0
    assert grown["vivavoce_incidents_total code=recording_failed"] == 1
    assert grown["vivavoce_incidents_total code=other"] == 1
    assert after["vivavoce_request_seconds_count method=POST route=/v1/interviews/{interview_id}/start status=202"] >= 1
    assert not [name for name in after if interview_id in name or "acme" in name or "hostile" in name]
    await plane.launcher.stop(LaunchHandle.of(spec), grace=timedelta(0))


async def _figures(plane: Plane) -> dict[str, float]:
    answer = await plane.client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return figures(answer.text)


async def _tells(bot: Bot) -> None:
    await bot.event(1, "latency", turn_id="t1", total_ms=550.0)
    await bot.event(2, "incident", code="recording_failed", detail="the disk is full")
    await bot.event(3, "incident", code='"} hostile{', detail="a label is no place for this")
    await bot.acknowledged(3)


async def test_a_place_that_drains_says_so(plane: Plane) -> None:
    async def told() -> tuple[object, ...]:
        room = (await plane.client().get("/v1/fleet")).json()["capacity"]
        return room["draining"], room["free"], (await _figures(plane))["vivavoce_bot_places_draining"]

    assert await told() == (False, 8, 0)
    plane.launcher.draining = True
    assert await told() == (True, 0, 1)
    plane.launcher.draining = False


async def test_without_a_token_there_are_no_figures(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        answer = await plane.client().get("/metrics")
        assert (answer.status_code, "METRICS_TOKEN" in answer.json()["detail"]) == (404, True)


async def test_the_command_says_what_runs_and_that_the_bot_host_does_not_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id, _ = await plane.started(plane.client())
        told = await _command(tmp_path, "--json")
        assert told[0] == 1
        seen = json.loads(told[1])
        assert [bot["interview_id"] for bot in seen["bots"]] == [interview_id]
        assert seen["capacity"] == {"total": None, "free": None, "pending": 0, "draining": False}
        code, shown = await _command(tmp_path)
        assert code == 1 and "1 bot at work" in shown and "vivavoce serve" in shown and interview_id in shown


async def _command(data_dir: Path, *more: str) -> tuple[int, str]:
    application = typer.Typer()
    application.command()(fleet)
    arguments = ["--data-dir", str(data_dir), *more]
    result = await asyncio.to_thread(CliRunner().invoke, application, arguments, env={"COLUMNS": "200"})
    return result.exit_code, result.output
