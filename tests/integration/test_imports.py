"""Transcripts of meetings held elsewhere, over real HTTP: taken over, evaluated, and refused with a reason."""

import io
import json
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from api.client import Client
from tests.integration.plane import Plane, until
from tests.integration.test_evaluations import ANSWER, ATTACK, RATED

pytestmark = pytest.mark.asyncio(loop_scope="module")

BEGUN = "2026-01-15T09:30:00.000Z"
AGREED = {"given": True, "method": "written", "at": "2026-01-14T16:00:00.000Z"}
TEXT = (
    "[00:00:02] Ines: Hello Ann, shall we begin?\n"
    "[00:00:05] Ann: Yes.\n"
    "[00:00:08] Ines: Please tell me about some figure which turned out to be wrong.\n"
    f"[00:00:14] Ann: {ANSWER}\n"
    "[00:01:02] Ines: And how long did that take?\n"
    "[00:01:06] Ann: Two days.\n"
)
SENT: dict[str, Any] = {"content": TEXT, "recorded_at": BEGUN, "consent": AGREED}


async def imported(client: httpx.AsyncClient, interview_id: str, **more: Any) -> dict[str, Any]:
    """Import a transcript and wait until it is evaluated; return the interview."""
    answer = await client.post(f"/v1/interviews/{interview_id}/transcript", json=SENT | more)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] in ("evaluating", "completed")
    return await until(client, interview_id, "completed", "failed")


async def test_an_imported_meeting_is_evaluated_as_a_call_is(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client, plan=RATED)
    path = f"/v1/interviews/{interview_id}"
    body = await imported(client, interview_id)
    assert (body["status"], body["turn_count"], body["started_at"]) == ("completed", 6, BEGUN)
    assert (body["attempt"]["kind"], body["attempt"]["state"], body["attempt"]["end_reason"]) == (
        "imported",
        None,
        "completed",
    )
    assert [(each["status"], each["follow_ups"]) for each in body["coverage"]] == [("answered", 1), ("not_reached", 0)]
    assert body["summary"]["qa"][0]["answer"] == f"{ANSWER} Two days."
    assert body["summary"]["imported"]["candidate_found_by"] == "record"
    assert not plane.launcher.specs  # no bot was sent anywhere
    turns = (await client.get(f"{path}/transcript")).json()
    assert turns["meta"]["complete"]
    assert [(turn["role"], turn["question_id"], turn["start_ms"]) for turn in turns["data"][1:4]] == [
        ("candidate", None, 5000),
        ("interviewer", "figure", 8000),
        ("candidate", "figure", 14000),
    ]
    assert "[00:00:14] Ann: Last year" in (await client.get(f"{path}/transcript?format=text")).text
    assert "<v Ann>Last year" in (await client.get(f"{path}/transcript?format=vtt")).text
    paper = PdfReader(io.BytesIO((await client.get(f"{path}/report.pdf")).content)).pages[0].extract_text()
    assert "Held elsewhere 15 January 2026" in paper and "An AI held" not in paper
    (consent,) = (await client.get(f"{path}/consents")).json()["data"]
    assert (consent["kind"], consent["method"], consent["given_at"]) == ("ai_evaluation", "written", AGREED["at"])
    assert (await client.post(f"{path}/evaluate")).status_code == 201
    scored = (await client.post(f"{path}/generate-score")).json()["result"]
    assert [each["status"] for each in scored["criteria"]] == ["scored", "not_asked"]
    audited = (await client.get("/v1/audit", params={"subject": interview_id})).json()["data"]
    assert "transcript.imported" in [each["action"] for each in audited]


async def test_a_file_a_list_and_another_attempt(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client, plan=RATED, max_attempts=3, evaluate_at_end=True)
    path = f"/v1/interviews/{interview_id}"
    vtt = f"WEBVTT\n\n00:01.000 --> 00:09.000\n<v Ines>{RATED['sections'][0]['questions'][0]['text']}</v>\n\n"
    vtt += f"00:10.000 --> 00:50.000\n<v Ann>{ANSWER} {ATTACK}</v>\n"
    about = json.dumps({"candidate": "Ann", "consent": AGREED})
    sent = await client.post(f"{path}/transcript", files={"file": ("a.vtt", vtt.encode())}, data={"about": about})
    assert sent.status_code == 202, sent.text
    body = await until(client, interview_id, "completed")
    assert body["started_at"] is None  # nobody said when it was
    assessed = (await client.get(f"{path}/assessment")).json()  # as evaluate_at_end wants it
    assert assessed["result"]["criteria"][0]["status"] == "scored"
    assert assessed["result"]["injection_flags"]
    again = await client.post(f"{path}/transcript", json=SENT)
    assert (again.status_code, again.json()["current_status"]) == (409, "completed")
    assert (await client.post(f"{path}/attempts")).status_code == 201
    turns = [{"speaker": who, "text": text} for who, text in (("Ines", "Hello."), ("Ann", "Hello."))]
    body = await imported(client, interview_id, content=None, turns=turns)
    assert (body["attempt"]["number"], body["summary"]["imported"]["times"]) == (2, "derived")
    first = await client.get(f"{path}/transcript", params={"attempt": 1})
    assert len(first.json()["data"]) == 2


@pytest.mark.parametrize(
    ("change", "status", "code", "said"),
    [
        ({"consent": None}, 409, "no_consent", "Nothing says that the candidate agreed to ai_evaluation"),
        ({"consent": AGREED | {"given": False}}, 409, "no_consent", "refused"),
        ({"consent": AGREED | {"at": "2999-01-01T00:00:00Z"}}, 422, "invalid", "lies in the future"),
        ({"recorded_at": "2999-01-01T00:00:00Z"}, 422, "invalid", "lies in the future"),
        ({"content": ""}, 422, "bad_transcript", "the transcript is empty"),
        ({"content": "Anna: Hi.\nBo: Hello.\n"}, 422, "speakers_unclear", "it names Anna, Bo"),
        ({"candidate": "Cleo"}, 422, "speakers_unclear", "nobody in it is called 'Cleo'; it names Ines, Ann"),
        ({"content": None}, 422, "invalid", "either content or turns"),
    ],
)
async def test_what_can_not_be_imported_leaves_nothing_behind(
    change: dict[str, Any], status: int, code: str, said: str, plane: Plane
) -> None:
    client = plane.client()
    interview_id = await plane.created(client, plan=RATED)
    answer = await client.post(f"/v1/interviews/{interview_id}/transcript", json=SENT | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert said in answer.text
    body = (await client.get(f"/v1/interviews/{interview_id}")).json()
    assert (body["status"], body["attempt"], body["turn_count"]) == ("ready", None, 0)
    assert (await client.get(f"/v1/interviews/{interview_id}/consents")).json()["data"] == []


async def test_a_key_imports_once_and_another_tenant_never(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client, plan=RATED)
    path = f"/v1/interviews/{interview_id}/transcript"
    assert (await plane.client("other").post(path, json=SENT)).status_code == 404
    assert (await plane.client("acme", "interview:read").post(path, json=SENT)).status_code == 403
    key = {"Idempotency-Key": "one"}
    first = await client.post(path, json=SENT, headers=key)
    assert first.status_code == 202, first.text
    second = await client.post(path, json=SENT, headers=key)
    assert (second.status_code, second.headers["Idempotent-Replayed"]) == (202, "true")
    await until(client, interview_id, "completed")
    assert len((await client.get(f"/v1/interviews/{interview_id}/attempts")).json()["data"]) == 1


async def test_a_long_meeting_goes_through_and_is_erased_with_its_candidate(plane: Plane) -> None:
    client = plane.client()
    person = {"display_name": "Ann", "email": "ann@example.org", "data_expires_on": "2099-12-31"}
    candidate_id = (await client.post("/v1/candidates", json=person)).json()["id"]
    interview_id = await plane.created(client, plan=RATED, candidate_id=candidate_id)
    long = TEXT + f"Ann: {'I compared the two figures again. ' * 5600}\nInes: Go on.\nAnn: I will.\n"
    async with Client(plane.url, plane.token()) as typed:
        sent = await typed.interviews.import_transcript(interview_id, {"consent": AGREED}, file=long.encode())
    assert sent.attempt is not None
    assert sent.attempt.kind == "imported"
    body = await until(client, interview_id, "completed")
    assert body["summary"]["qa"][0]["words"] > 33_000
    erased = await client.post("/v1/privacy/erasures", json={"candidate_id": candidate_id, "reason": "They asked."})
    assert erased.status_code == 201, erased.text
    assert (await client.get(f"/v1/interviews/{interview_id}/transcript")).status_code == 404
