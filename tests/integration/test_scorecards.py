"""What people rate before they see what the AI rated, over real HTTP: who sees what, and when."""

import io
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from tests.integration.plane import Plane, until, uplink
from tests.integration.test_evaluations import ANSWER, RATED, held, rated

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATINGS = [
    {"criterion_id": "checking", "level": 2, "note": "All told by the team."},
    {"criterion_id": "calm", "level": None},
]
CARD: dict[str, Any] = {"overall": "mixed", "ratings": RATINGS, "note": "Pleasant, thin."}
AMENDED = CARD | {"overall": "yes", "ratings": [RATINGS[0] | {"level": 4}, RATINGS[1]], "reason": "Read it all again."}
INTERVIEWER = ("interview:read", "transcript:read", "scorecard:submit", "scorecard:read")


async def linked(plane: Plane, path: str, name: str = "Ines", role: str = "interviewer") -> httpx.AsyncClient:
    """Somebody who has a join link, and nothing else."""
    made = await plane.client().post(f"{path}/links", json={"role": role, "name": name})
    assert made.status_code == 201, made.text
    client = plane.client()
    client.headers["Authorization"] = f"Bearer {str(made.json()['url']).partition('#')[2]}"
    return client


async def judged(plane: Plane, mode: str = "copilot", **more: Any) -> str:
    """An interview that people held, rated by the AI; its path."""
    path = await held(plane, plane.client(), ANSWER, mode=mode, **more)
    withheld = await rated(plane.client(), path)
    assert withheld["awaits_scorecard"] and withheld["result"] is None
    return path


async def test_levels_stay_sealed_until_a_scorecard_is_in_then_both_stand_side_by_side(plane: Plane) -> None:
    admin, path = plane.client(), await judged(plane)
    everything = ""
    for call in ("evaluations", "report", "scorecards", "assessment"):
        everything += (await admin.get(f"{path}/{call}")).text
    everything += (await admin.get(path)).text + (await admin.get("/v1/interviews")).text
    newest = (await admin.get(f"{path}/evaluations")).json()["data"]
    levels = next(one for one in newest if one["phase"] == 2)
    assert "second source" not in json.dumps(levels) and "recommendation" not in everything
    assert '"level"' not in everything and '"overall"' not in everything
    report = (await admin.get(f"{path}/report")).json()
    assert (report["assessment"], report["versions"], report["awaits_scorecard"]) == (None, [], True)
    assert report["facts"]["result"]["qa"][0]["answer"] == ANSWER, "what was asked and said is no secret"
    paper = PdfReader(io.BytesIO((await admin.get(f"{path}/report.pdf")).content))
    printed = " ".join(" ".join(page.extract_text().split()) for page in paper.pages)
    assert "wait for a scorecard" in printed and "of 100" not in printed
    for refused in (
        await admin.get(f"{path}/assessment"),
        await admin.post(f"{path}/review", json={"verdict": "approved"}),
        await admin.post(
            f"{path}/evaluations/{levels['id']}/overrides",
            json={"criterion_id": "calm", "level": 5, "reason": "Asked by a person."},
        ),
        await admin.put(f"{path}/decision", json={"decision": "hire", "evaluation_version_seen": 1}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "scorecard_first"), refused.text

    lira = (await admin.get(f"/lira{path.replace('/v1', f'/v1/orgs/acme{plane.suffix}', 1)}")).json()["data"]
    instaview = (await admin.get(path.removeprefix("/v1"))).json()["data"]
    assert lira["interview_id"] == instaview["id"] == path.rpartition("/")[2]
    assert lira["evaluation"] is None and instaview["analysis"]["general"]["overallRating"] is None

    assert not (await admin.get(f"{path}/scorecards")).json()["may_rate"]
    ines = await linked(plane, path)
    assert (await ines.get(f"{path}/scorecards")).json()["may_rate"]
    asked = (await ines.get(f"{path}/scorecards")).json()
    assert [one["criterion_id"] for one in asked["criteria"]] == ["checking", "calm"]
    assert (asked["sealed"], asked["own"], asked["side_by_side"], asked["candidate"]) == (True, None, None, "Ann")
    assert asked["criteria"][0]["anchors"]["4"].startswith("Compared it")
    card = await ines.post(f"{path}/scorecards", json=CARD, headers={"Idempotency-Key": "one"})
    assert card.status_code == 201, card.text
    assert (card.json()["version"], card.json()["blind"], card.json()["name"]) == (1, True, "Ines")
    seen = (await ines.get(f"{path}/scorecards")).json()["side_by_side"]
    assert (seen["overall"], seen["recommendation"]) == (75.0, "yes")
    (checking, calm) = seen["criteria"]
    assert (checking["level"], checking["people"][0]["level"], checking["people"][0]["agreement"]) == (4, 2, "apart")
    assert (calm["level"], calm["people"][0]["agreement"]) == (None, "none")
    report = (await admin.get(f"{path}/report")).json()
    assert report["assessment"]["effective"]["overall"] == 75.0 and not report["awaits_scorecard"]
    assert report["scorecards"]["side_by_side"]["criteria"][0]["people"][0]["name"] == "Ines"
    paper = PdfReader(io.BytesIO((await admin.get(f"{path}/report.pdf")).content))
    printed = " ".join(" ".join(page.extract_text().split()) for page in paper.pages)
    assert "AI level 4, Ines level 2: they disagree" in printed
    audit = (await admin.get("/v1/audit", params={"action": "scorecard.submitted"})).json()["data"]
    assert [one["subject"] for one in audit] == [card.json()["id"]]


async def test_a_submitted_scorecard_stays_and_an_amendment_is_another_version(plane: Plane) -> None:
    path = await judged(plane, "shadow")
    ines = await linked(plane, path)
    assert (await ines.post(f"{path}/scorecards", json=CARD)).status_code == 201
    again = await ines.post(f"{path}/scorecards", json=CARD)
    assert (again.status_code, again.json()["errors"][0]["loc"]) == (422, ["body", "reason"])
    amended = (await ines.post(f"{path}/scorecards", json=AMENDED)).json()
    assert (amended["version"], amended["blind"], amended["reason"]) == (2, False, AMENDED["reason"])
    sheet = (await ines.get(f"{path}/scorecards")).json()
    assert [one["version"] for one in sheet["data"]] == [2, 1] and sheet["own"] == amended["id"]
    side = sheet["side_by_side"]["criteria"][0]["people"][0]
    assert (side["level"], side["amended"], side["agreement"]) == (2, 4, "apart"), "compared is what was given blind"


async def test_who_held_an_interview_submits_their_own_before_anything_is_shown_to_them(plane: Plane) -> None:
    admin, path = plane.client(), await judged(plane)
    ines, omar = await linked(plane, path), await linked(plane, path, "Omar")
    reader = plane.client("acme", *INTERVIEWER)
    token = plane.services.tokens.issue(
        f"acme{plane.suffix}", INTERVIEWER, expires_in=timedelta(hours=1), subject="rhea@acme"
    )
    reader.headers["Authorization"] = f"Bearer {token}"
    named = await admin.put(f"{path}/interviewers/rhea", json={"name": "Rhea", "subject": "rhea@acme"})
    assert named.status_code == 200, named.text
    await ines.post(f"{path}/scorecards", json=CARD)
    assert (await admin.get(f"{path}/assessment")).status_code == 200
    for other in (omar, reader):
        sheet = (await other.get(f"{path}/scorecards")).json()
        assert (sheet["sealed"], sheet["data"], sheet["side_by_side"]) == (True, [], None), "nor what others rated"
    refused = await reader.get(f"{path}/assessment")
    assert (refused.status_code, refused.json()["code"]) == (409, "scorecard_first")
    second = await omar.post(f"{path}/scorecards", json=CARD | {"overall": "no"})
    assert second.json()["blind"] is True
    names = {one["name"] for one in (await omar.get(f"{path}/scorecards")).json()["data"]}
    assert names == {"Ines", "Omar"}


async def test_levels_are_opened_without_a_scorecard_by_a_person_with_a_reason_on_the_record(plane: Plane) -> None:
    admin, path = plane.client(), await judged(plane)
    ines = await linked(plane, path)
    reason = {"reason": "Ines has left the company."}
    assert (await admin.post(f"{path}/evaluations/open", json={"reason": "short"})).status_code == 422
    lacking = await plane.client("acme", *INTERVIEWER).post(f"{path}/evaluations/open", json=reason)
    assert (lacking.status_code, lacking.json()["required_permission"]) == (403, "interview:review")
    opened = await admin.post(f"{path}/evaluations/open", json=reason)
    assert opened.status_code == 201, opened.text
    assert (await admin.post(f"{path}/evaluations/open", json=reason)).json() == opened.json()
    assert (await admin.get(f"{path}/assessment")).status_code == 200
    sheet = (await admin.get(f"{path}/scorecards")).json()
    assert (sheet["sealed"], sheet["opening"]["by"], sheet["opening"]["reason"]) == (False, "admin", reason["reason"])
    assert (await ines.get(f"{path}/scorecards")).json()["sealed"], "they held it: their own comes first"
    audit = (await admin.get("/v1/audit", params={"action": "evaluation.opened"})).json()["data"]
    assert [one["subject"] for one in audit] == [path.rpartition("/")[2]]


async def test_who_led_for_a_while_of_a_call_seals_its_levels_too(plane: Plane) -> None:
    admin = plane.client()
    interview_id, spec = await plane.started(admin, plan=RATED)
    question = spec.plan.questions[0]
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.event(2, "mode.changed", **{"from": "copilot", "to": "solo", "by": "admin"})
        await bot.event(3, "question.asked", question_id=question.id, follow_up=0, text=question.text)
        await bot.says(4, 1, ANSWER, question_id=question.id)
        await bot.event(5, "ended", reason="completed", report={"questions": [], "duration_ms": 60_000})
        await until(admin, interview_id, "completed")
    assert (await rated(admin, f"/v1/interviews/{interview_id}"))["awaits_scorecard"]


async def test_the_mode_of_another_attempt_opens_no_levels_of_the_last(plane: Plane) -> None:
    admin, path = plane.client(), await judged(plane, max_attempts=2)
    assert (await admin.post(f"{path}/attempts")).status_code == 201
    changed = await admin.post(f"{path}/mode", json={"to": "solo"})
    assert changed.status_code == 202 and (await admin.get(path)).json()["mode"] == "solo", changed.text
    refused = await admin.get(f"{path}/assessment")
    assert (refused.status_code, refused.json()["code"]) == (409, "scorecard_first")


async def test_a_mode_that_was_changed_before_any_call_seals_nothing(plane: Plane) -> None:
    admin = plane.client()
    interview_id = await plane.created(admin, mode="copilot", plan=RATED)
    path = f"/v1/interviews/{interview_id}"
    assert (await admin.post(f"{path}/mode", json={"to": "solo"})).status_code == 202
    assert not (await admin.get(f"{path}/scorecards")).json()["led_by_people"]


async def test_an_interviewer_is_the_same_person_by_link_and_by_token(plane: Plane) -> None:
    admin, path = plane.client(), await judged(plane)
    ines = await linked(plane, path)
    who = (await admin.get(f"{path}/interviewers")).json()["data"][0]["participant_id"]
    by_token = plane.client("acme", *INTERVIEWER)
    token = plane.services.tokens.issue(
        f"acme{plane.suffix}", INTERVIEWER, expires_in=timedelta(hours=1), subject="ines@acme"
    )
    by_token.headers["Authorization"] = f"Bearer {token}"
    await admin.put(f"{path}/interviewers/{who}", json={"name": "Ines", "subject": "ines@acme"})
    first = (await by_token.post(f"{path}/scorecards", json=CARD)).json()
    assert first["by"] == who
    assert (await ines.get(f"{path}/scorecards")).json()["own"] == first["id"]
    assert (await ines.post(f"{path}/scorecards", json=CARD)).status_code == 422, "it was submitted already"
    assert (await ines.post(f"{path}/scorecards", json=AMENDED)).json()["version"] == 2
    assert (await by_token.get(f"{path}/assessment")).status_code == 200


async def test_what_a_bot_held_is_not_sealed(plane: Plane) -> None:
    admin = plane.client()
    path = await held(plane, admin, ANSWER)
    assert (await rated(admin, path))["result"]["overall"] == 75.0
    assert (await admin.get(f"{path}/report")).json()["scorecards"] is None
    refused = await admin.post(f"{path}/evaluations/open", json={"reason": "To see what comes of it."})
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"ratings": RATINGS[:1]}, ["body", "ratings"]),
        ({"ratings": [*RATINGS, RATINGS[0]]}, ["body", "ratings", 2, "criterion_id"]),
        ({"ratings": [*RATINGS, {"criterion_id": "charm", "level": 5}]}, ["body", "ratings", 2, "criterion_id"]),
        ({"ratings": [RATINGS[0] | {"level": 6}, RATINGS[1]]}, ["body", "ratings", 0, "level"]),
        ({"overall": "insufficient_evidence"}, ["body", "overall"]),
    ],
)
async def test_a_scorecard_that_is_none_is_refused_with_what_to_do(plane: Plane, wrong: Any, at: list[Any]) -> None:
    path = await judged(plane)
    answer = await (await linked(plane, path)).post(f"{path}/scorecards", json=CARD | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, at)
    assert answer.json()["errors"][0]["todo"]


async def test_only_interviewers_of_this_very_interview_submit_and_after_the_call(plane: Plane) -> None:
    path = await judged(plane)
    other = f"/v1/interviews/{await plane.created(plane.client(), mode='copilot', plan=RATED)}"
    early = await (await linked(plane, other)).post(f"{other}/scorecards", json=CARD)
    assert (early.status_code, early.json()["code"]) == (409, "session_not_ended")
    candidate, watcher = await linked(plane, other, "Ann", "candidate"), await linked(plane, other, "Bo", "observer")
    ines, reader = await linked(plane, path), plane.client("acme", "interview:read", "transcript:read")
    for who, where, status in (
        (candidate, other, 403),
        (watcher, other, 403),
        (ines, other, 403),
        (reader, path, 403),
        (plane.client("globex"), path, 404),
    ):
        for answer in (await who.post(f"{where}/scorecards", json=CARD), await who.get(f"{where}/scorecards")):
            assert answer.status_code == status, answer.text
    for stranger in (plane.client("acme", "role:interviewer"), plane.client()):
        refused = await stranger.post(f"{path}/scorecards", json=CARD)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_a_named_interviewer")
        assert (await stranger.get(f"{path}/scorecards")).json()["sealed"], "nobody who held it has rated it"
    assert (await ines.get(f"{path}/assessment")).status_code == 401, "a link is no token"
    forged = await linked(plane, path, "Mallory")
    forged.headers["Authorization"] += "x"
    assert (await forged.get(f"{path}/scorecards")).status_code == 401
    who = (await plane.client().get(f"{path}/interviewers")).json()["data"][0]["participant_id"]
    await plane.client().delete(f"{path}/interviewers/{who}")
    assert (await ines.post(f"{path}/scorecards", json=CARD)).status_code == 403, "they hold it no more"
