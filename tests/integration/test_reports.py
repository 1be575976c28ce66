"""A report over real HTTP: what it puts together, and the same on paper."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.integration.plane import Plane
from tests.integration.test_evaluations import ANSWER, ATTACK, held, rated

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "Zoë Ångström Анна שרה أحمد 李"


async def test_a_report_holds_all_that_people_read_before_they_decide(plane: Plane) -> None:
    client = plane.client()
    path = await held(plane, client, ANSWER, ATTACK, candidate={"name": NAME})
    early = (await client.get(f"{path}/report")).json()
    assert (early["facts"], early["assessment"], early["versions"]) == (None, None, [])
    assert [spoke["role"] for spoke in early["timeline"]] == ["bot", "candidate", "candidate"]
    first = await rated(client, path)
    override = {"criterion_id": "calm", "level": 5, "reason": "Asked by a person afterwards."}
    body = (await client.post(f"{path}/evaluations/{first['id']}/overrides", json=override)).json()
    assert body["level_before"] is None
    await client.post(f"{path}/review", json={"verdict": "approved", "note": "The quotes bear it out."})
    await client.put(f"{path}/decision", json={"decision": "next_round", "notes": "Good on figures."})
    report = (await client.get(f"{path}/report")).json()
    assert report["assessment"]["effective"]["overall"] == 81.2
    assert report["anchors"]["checking"]["4"].startswith("Compared it with a second source")
    assert report["decisions"][0]["decision"] == "next_round"
    _is_on_paper(await client.get(f"{path}/report.pdf"), report)
    again = (await client.post(f"{path}/generate-score")).json()
    versions = (await client.get(f"{path}/report")).json()["versions"]
    assert [(one["version"], one["changes"]) for one in versions] == [(2, []), (1, [])] and again["version"] == 2


def _is_on_paper(answer: Any, report: dict[str, Any]) -> None:
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    paper = PdfReader(io.BytesIO(answer.content))
    assert paper.metadata is not None and paper.metadata.title == f"Interview report: {NAME}"
    text = " ".join(" ".join(page.extract_text().split()) for page in paper.pages)
    assert f"1 / {len(paper.pages)}" in text
    assert "Zoë Ångström Анна" in text
    for said in (
        "◊ stands for letters this file has no font for",
        "Level 4 of 5",
        "Level 5 of 5",  # a person's
        "Compared it with a second source, told those who had used it",
        "I compared it with a second source, the ledger of the bank.",
        "at 0:02",
        "Asked by a person afterwards.",
        "For your attention, not counted",
        "The quotes bear it out.",
        "Next round by admin",
        report["assessment"]["transcript_hash"],
    ):
        assert said in text, said
    assert [each["/Title"] for each in paper.outline][:2] == ["Assessment", "Criteria"]  # type: ignore[call-overload,index]


async def test_reports_quote_people_and_need_the_scope_for_it(plane: Plane) -> None:
    client = plane.client()
    path = await held(plane, client, ANSWER)
    for file in ("report", "report.pdf"):
        refusal = await plane.client("acme", "interview:read").get(f"{path}/{file}")
        assert (refusal.status_code, refusal.json()["required_permission"]) == (403, "transcript:read")
        assert (await plane.client("globex").get(f"{path}/{file}")).status_code == 404
    paper = await client.get(f"{path}/report.pdf")
    assert "Nothing has been rated yet." in PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
