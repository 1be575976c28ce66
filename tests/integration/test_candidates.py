"""Candidates, their résumés and their erasure, over real HTTP."""

import asyncio
import contextlib
import hashlib
import io
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import structlog
from sqlalchemy import select, text

from api import audit
from api.candidates.erasure import erase_expired
from api.candidates.files import PersonalFiles, ResumeFiles
from api.database import Database
from api.idempotency import forget_old_answers
from api.tables import METADATA
from orchestrator.logs import configure_logs
from tests.fakes.pdfs import WORDS, bomb, deeply_nested, encrypted, pdf
from tests.guards import HANG_S
from tests.integration.plane import PLAN, Plane, running, until, uplink
from tests.running_postgres import Postgres

ANN: dict[str, Any] = {
    "first_name": "Ann",
    "last_name": "Example",
    "email": "Ann@Example.ORG",
    "phone_e164": "+4930901820",
    "data_expires_on": "2999-01-01",
    "language": "en",
    "accommodations": ["more time"],
}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def plane(tmp_path: Path) -> AsyncIterator[Plane]:
    async with running(tmp_path) as plane:
        yield plane


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    response = await client.post("/v1/candidates", json=ANN | more)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


async def job(client: httpx.AsyncClient) -> str:
    response = await client.post("/v1/jobs", json={"title": "Backend engineer"})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def sent(client: httpx.AsyncClient, candidate_id: str, data: bytes) -> httpx.Response:
    path = f"/v1/candidates/{candidate_id}/resume"
    return await client.post(path, files={"file": ("ann-example.pdf", data, "application/pdf")}, timeout=60)


# ---- candidates ---------------------------------------------------------------------------------------------------


async def test_a_candidate_is_kept_as_it_was_sent(plane: Plane) -> None:
    candidate = await made(plane.client(), metadata={"source": "fair"})
    assert {name: candidate[name] for name in ANN} == ANN | {"email": "Ann@example.org"}
    assert (candidate["pool"], candidate["job_ids"], candidate["resume"]) == (True, [], None)
    assert (candidate["metadata"], candidate["display_name"]) == ({"source": "fair"}, None)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_a_candidate_moves_from_the_pool_to_jobs_and_is_found_by_them(
    tmp_path: Path, postgres: Postgres, backend: str
) -> None:
    settings = {"database_url": await postgres.with_tables()} if backend == "postgresql" else {}
    async with running(tmp_path, **settings) as plane:
        await move(plane.client())


async def move(client: httpx.AsyncClient) -> None:
    first, second = await job(client), await job(client)
    candidate = await made(client)
    await made(client, email="bob@example.org", job_ids=[second])
    path = f"/v1/candidates/{candidate['id']}"
    moved = (await client.patch(path, json={"job_ids": [first, second]})).json()
    assert (moved["pool"], moved["job_ids"]) == (False, [first, second])
    assert await found(client, job_id=first) == [candidate["id"]]
    assert len(await found(client, job_id=second)) == 2
    await client.patch(path, json={"job_ids": [second]})
    assert await found(client, job_id=first) == []
    assert (await client.patch(path, json={"job_ids": None})).json()["pool"] is True
    assert len(await found(client, job_id=second)) == 1


async def found(client: httpx.AsyncClient, **where: str) -> list[str]:
    return [each["id"] for each in (await client.get("/v1/candidates", params=where)).json()["data"]]


async def test_candidates_are_found_by_address_whatever_its_case_and_by_reference(plane: Plane) -> None:
    client = plane.client()
    ann = await made(client)
    nobody = {"email": None, "first_name": None, "last_name": None}
    opaque = await made(client, candidate_ref="ref-9", external_ref="ats-9", **nobody)
    assert await found(client, email="ANN@EXAMPLE.org") == [ann["id"]]
    assert await found(client, candidate_ref="ref-9") == [opaque["id"]]
    assert await found(client, external_ref="ats-9") == [opaque["id"]]
    assert await found(plane.client("globex"), candidate_ref="ref-9") == []


async def test_only_jobs_that_are_there_can_be_named(plane: Plane) -> None:
    client = plane.client()
    mine, gone, foreign = await job(client), await job(client), await job(plane.client("globex"))
    await client.delete(f"/v1/jobs/{gone}")
    refused = await client.post("/v1/candidates", json=ANN | {"job_ids": [mine, gone, foreign]})
    assert refused.status_code == 422
    problems = [(error["loc"], error["what"]) for error in refused.json()["errors"]]
    assert problems == [
        (["body", "job_ids", 1], f"there is no job {gone!r}"),
        (["body", "job_ids", 2], f"there is no job {foreign!r}"),
    ]


async def test_what_was_right_when_it_was_set_does_not_stand_in_the_way_later(tmp_path: Path) -> None:
    now = NOW
    async with running(tmp_path, clock=lambda: now) as plane:
        client = plane.client()
        closing = await job(client)
        candidate = await made(client, job_ids=[closing], data_expires_on="2026-11-23")
        await client.delete(f"/v1/jobs/{closing}")
        now += timedelta(days=3)
        path = f"/v1/candidates/{candidate['id']}"
        assert (await client.patch(path, json={"display_name": "Ann E."})).status_code == 200
        late = await client.patch(path, json={"data_expires_on": "2026-11-25"})
        assert late.status_code == 422
        assert late.json()["errors"][0]["what"] == "is not in the future; today is 2026-11-25 (UTC)"


WRONG: list[tuple[dict[str, Any], list[Any]]] = [
    ({"data_expires_on": None}, ["body", "data_expires_on"]),
    ({"data_expires_on": "2020-01-01"}, ["body", "data_expires_on"]),
    ({"data_expires_on": "2999-02-30"}, ["body", "data_expires_on"]),
    ({"data_expires_on": "2999-01-01T10:00:00Z"}, ["body", "data_expires_on"]),
    ({"data_expires_on": 32_503_680_000}, ["body", "data_expires_on"]),
    ({"email": "ann"}, ["body", "email"]),
    ({"email": "ann@localhost"}, ["body", "email"]),
    ({"email": "Ann <ann@example.org>"}, ["body", "email"]),
    ({"email": "a" * 65 + "@example.org"}, ["body", "email"]),
    ({"email": "ann\u0000@example.org"}, ["body", "email"]),
    ({"phone_e164": "030 901820"}, ["body", "phone_e164"]),
    ({"phone_e164": "+٤٩٣٠٩٠١٨٢٠"}, ["body", "phone_e164"]),
    ({"language": "tlh"}, ["body", "language"]),
    ({"job_ids": ["job_1", "job_1"]}, ["body", "job_ids"]),
    ({"first_name": None}, ["body"]),
    ({"pool": True}, ["body", "pool"]),
    ({"resume": {}}, ["body", "resume"]),
]


async def test_what_cannot_be_a_candidate_is_told_where(plane: Plane) -> None:
    client = plane.client()
    for wrong, loc in WRONG:
        response = await client.post("/v1/candidates", json=ANN | wrong)
        assert response.status_code == 422, (wrong, response.text)
        assert response.json()["errors"][0]["loc"] == loc, wrong


# ---- résumés ------------------------------------------------------------------------------------------------------


async def test_a_resume_is_read_shown_replaced_and_removed(plane: Plane, tmp_path: Path) -> None:
    client = plane.client()
    candidate = await made(client)
    path = f"/v1/candidates/{candidate['id']}"
    assert (await client.get(f"{path}/resume")).status_code == 404
    kept = await sent(client, candidate["id"], pdf(WORDS, "Second page"))
    assert kept.status_code == 201, kept.text
    shown = (await client.get(f"{path}/resume")).json()
    assert shown["text"] == [{"page": 1, "text": WORDS}, {"page": 2, "text": "Second page"}]
    assert kept.json() == {name: value for name, value in shown.items() if name != "text"}
    figures = {name: shown[name] for name in ("pages", "characters", "parsed_at")}
    after = await client.get(path)
    assert (after.json()["resume"], after.headers["etag"]) == (figures, '"2"')
    assert (figures["pages"], figures["characters"]) == (2, len(WORDS) + len("Second page"))
    first = files_in(tmp_path)
    again = await sent(client, candidate["id"], pdf(WORDS))
    assert again.json()["pages"] == 1
    assert len(files_in(tmp_path)) == 1 and files_in(tmp_path) != first
    assert (await client.delete(f"{path}/resume")).status_code == 204
    assert (await client.get(f"{path}/resume")).status_code == 404
    assert (await client.get(path)).json()["resume"] is None
    assert files_in(tmp_path) == []
    assert (await client.delete(f"{path}/resume")).status_code == 404


def files_in(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "resumes").glob("*/*"))


UNUSABLE = [
    ("empty", b"", "resume_not_pdf"),
    ("html", b"<html>no</html>", "resume_not_pdf"),
    ("encrypted", encrypted(pdf(WORDS), password="secret"), "resume_encrypted"),
    ("scan", pdf(""), "resume_without_text"),
    ("31 pages", pdf(*[WORDS] * 31), "resume_too_many_pages"),
    ("bomb", bomb(200_000_000), "resume_too_complex"),
    ("garbage", b"%PDF-1.7\ngarbage", "resume_damaged"),
    ("deeply nested", deeply_nested(500_000), "resume_damaged"),
]


async def test_a_resume_that_cannot_be_used_is_told_why_and_not_kept(plane: Plane, tmp_path: Path) -> None:
    client = plane.client()
    candidate = await made(client)
    for name, data, code in UNUSABLE:
        response = await sent(client, candidate["id"], data)
        assert (response.status_code, response.json()["code"]) == (422, code), name
        problem = response.json()["errors"][0]
        assert problem["loc"] == ["body", "file"] and problem["what"] and problem["todo"]
    assert files_in(tmp_path) == []
    assert (await client.get(f"/v1/candidates/{candidate['id']}")).json() == candidate


async def test_only_resumes_may_be_large_and_only_so_large(plane: Plane) -> None:
    client = plane.client()
    candidate = await made(client)
    fits = pdf(WORDS) + b"%" * 4_500_000
    assert (await sent(client, candidate["id"], fits)).status_code == 201
    for size in (5_000_001, 6_000_000):
        large = await sent(client, candidate["id"], pdf(WORDS).ljust(size, b"%"))
        assert (large.status_code, large.json()["code"]) == (413, "content_too_large")
    elsewhere = await client.post("/v1/candidates", content=b" " * 1_000_001)
    assert elsewhere.status_code == 413


async def test_a_request_without_a_file_is_told_what_is_missing(plane: Plane) -> None:
    client = plane.client()
    path = f"/v1/candidates/{(await made(client))['id']}/resume"
    missing = await client.post(path, files={"cv": ("cv.pdf", pdf(WORDS))})
    assert (missing.status_code, missing.json()["errors"][0]["loc"]) == (422, ["body", "file"])
    broken = await client.post(path, content=b"--x\r\nnothing", headers={"content-type": "multipart/form-data"})
    assert broken.status_code == 400


async def test_resumes_of_others_and_without_the_scope_stay_closed(plane: Plane, tmp_path: Path) -> None:
    candidate = await made(plane.client())
    path = f"/v1/candidates/{candidate['id']}/resume"
    await sent(plane.client(), candidate["id"], pdf(WORDS))
    other, reader = plane.client("globex"), plane.client("acme", "candidate:read")
    for refused in (await sent(other, candidate["id"], pdf(WORDS)), await other.get(path), await other.delete(path)):
        assert refused.status_code == 404
    for refused in (await sent(reader, candidate["id"], pdf(WORDS)), await reader.delete(path)):
        assert (refused.status_code, refused.json()["required_permission"]) == (403, "candidate:update")
    assert (await reader.get(path)).status_code == 200
    assert (await plane.client("acme", "job:read").get(path)).status_code == 403
    assert len(files_in(tmp_path)) == 1


async def test_two_uploads_at_once_leave_one_resume(plane: Plane, tmp_path: Path) -> None:
    client = plane.client()
    candidate = await made(client)
    answers = await asyncio.gather(*(sent(client, candidate["id"], pdf(*[WORDS] * pages)) for pages in (1, 2, 3, 4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len(files_in(tmp_path)) == 1
    shown = (await client.get(f"/v1/candidates/{candidate['id']}")).json()["resume"]
    assert shown["pages"] == (await client.get(f"/v1/candidates/{candidate['id']}/resume")).json()["pages"]


@pytest.fixture
def production_logs() -> Iterator[io.StringIO]:
    """What is logged, set up as in production."""
    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        configure_logs()
    yield written
    structlog.reset_defaults()


async def test_nothing_of_a_resume_is_logged(
    production_logs: io.StringIO, plane: Plane, capfd: pytest.CaptureFixture[str]
) -> None:
    client = plane.client()
    candidate = await made(client)
    await sent(client, candidate["id"], pdf(WORDS))
    await sent(client, candidate["id"], pdf(WORDS)[:-200])  # pypdf complains about it
    await sent(client, candidate["id"], b"%PDF-1.7 " + WORDS.encode())
    async with plane.services.database.write() as tx:
        full = "CREATE TRIGGER disk_full BEFORE INSERT ON resume BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        await tx.session.execute(text(full))
    other = await made(client)
    assert (await sent(client, other["id"], pdf(WORDS))).status_code == 500
    await client.post("/v1/privacy/erasures", json={"candidate_id": candidate["id"], "reason": "asked"})
    logged = production_logs.getvalue() + "".join(capfd.readouterr())
    assert "resume_read" in logged and "candidate_erased" in logged and "disk full" in logged
    for word in ("Example", "compilers", "ann-example", "4930901820"):
        assert word not in logged


# ---- erasure ------------------------------------------------------------------------------------------------------


async def test_an_erased_candidate_leaves_a_receipt_and_nothing_else(plane: Plane, tmp_path: Path) -> None:
    client = plane.client()
    candidate = await made(client, job_ids=[await job(client)], external_ref="ats-1", metadata={"note": "Ann Example"})
    await sent(client, candidate["id"], pdf(WORDS))
    asked = {"candidate_id": candidate["id"], "reason": "asked by mail"}
    erased = await client.post("/v1/privacy/erasures", json=asked)
    assert erased.status_code == 201, erased.text
    receipt = erased.json()
    assert (receipt["subject_kind"], receipt["subject_id"], receipt["reason"]) == (
        "candidate",
        candidate["id"],
        "asked by mail",
    )
    assert {"email", "first_name", "job_ids", "metadata", "resume"} <= set(receipt["removed"])
    for path in ("", "/resume"):
        assert (await client.get(f"/v1/candidates/{candidate['id']}{path}")).status_code == 404
    assert files_in(tmp_path) == []
    for rows in await stored(plane.services.database):
        assert "Example" not in rows and "example.org" not in rows and "compilers" not in rows
    assert (await client.post("/v1/privacy/erasures", json=asked | {"reason": "again"})).json() == receipt
    listed = (await client.get("/v1/privacy/erasures")).json()
    assert (listed["data"], listed["meta"]["total"]) == ([receipt], 1)
    assert (await made(client, external_ref="ats-1"))["id"] != candidate["id"]


def places(data_dir: Path) -> PersonalFiles:
    return PersonalFiles(ResumeFiles(data_dir / "resumes"), data_dir / "recordings", data_dir / "outbox")


SECRET = "kingfisher"


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_erasing_a_candidate_erases_what_was_said_and_made_of_it(
    tmp_path: Path, postgres: Postgres, backend: str
) -> None:
    settings = {"database_url": await postgres.with_tables()} if backend == "postgresql" else {}
    async with running(tmp_path, **settings) as plane:
        client = plane.client()
        candidate = await made(client, display_name=SECRET)
        once = {"Idempotency-Key": "once"}
        about = {
            "candidate": {"name": SECRET},
            "candidate_id": candidate["id"],
            "plan": PLAN | {"criteria": [{"id": "own", "name": "Own part"}]},
            "metadata": {"a": SECRET},
        }
        interview = (await client.post("/v1/interviews", json=about, headers=once)).json()
        path = f"/v1/interviews/{interview['id']}"
        assert (await client.post(f"{path}/start")).status_code == 202
        attempt = plane.launcher.specs[-1].attempt_id
        recording = tmp_path / "recordings" / f"{attempt}.ogg"
        recording.write_bytes(b"OggS" + SECRET.encode())
        (tmp_path / "outbox" / f"{attempt}-1.jsonl").write_text(SECRET)
        wanted = {"candidate_id": candidate["id"], "reason": "asked"}
        async with uplink(plane.launcher.specs[-1]) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "What did you build last?", role="bot")
            await bot.says(3, 2, f"I built the {SECRET} and in the end it was twice as fast.")
            await bot.event(4, "question.closed", question_id="q1", outcome="answered", reason=None, signals=[])
            await bot.acknowledged(4)
            during = await client.post("/v1/privacy/erasures", json=wanted)
            assert (during.status_code, during.json()["current_status"]) == (409, "in_progress")
            digest = hashlib.sha256(recording.read_bytes()).hexdigest()
            await bot.event(5, "recording", file=recording.name, duration_ms=9, bytes=14, sha256=digest)
            await bot.event(6, "ended", reason="completed", report={"questions": [], "note": SECRET})
            await bot.acknowledged(6)
            await until(client, interview["id"], "completed")
        assert (await client.post(f"{path}/evaluate")).status_code in (200, 201)
        scored = (await client.post(f"{path}/generate-score")).json()
        override = {"criterion_id": "own", "level": 4, "reason": f"It was {SECRET} alone."}
        overrides = f"{path}/evaluations/{scored['id']}/overrides"
        assert (await client.post(overrides, json=override)).status_code == 201
        decided = {"decision": "hire", "notes": f"because of {SECRET}"}
        assert (await client.put(f"{path}/decision", json=decided)).status_code in (200, 201)
        assert SECRET in await everything(plane.services.database)
        receipt = await client.post("/v1/privacy/erasures", json=wanted)
        assert receipt.status_code == 201 and "interviews: 1" in receipt.json()["removed"]
        assert SECRET not in await everything(plane.services.database)
        async with plane.services.database.read() as tx:
            chain = await audit.verify(tx.session, "acme")
        assert (chain.number, chain.wrong) == (5, None), "what was done is still told, and nothing of the candidate"
        assert list(tmp_path.rglob(f"*{attempt}*")) == []
        for part in ("", "/transcript", "/recording", "/evaluations", "/decisions"):
            assert (await client.get(path + part)).status_code == 404


async def everything(database: Database) -> str:
    async with database.read() as tx:
        return str([(await tx.session.execute(select(table))).all() for table in METADATA.sorted_tables])


async def stored(database: Database) -> list[str]:
    async with database.read() as tx:
        return [
            str((await tx.session.execute(text(f"SELECT * FROM {table}"))).all())
            for table in ("candidate", "candidate_job", "resume", "erasure")
        ]


async def test_an_answer_kept_for_a_repetition_is_erased_too(plane: Plane) -> None:
    client = plane.client()
    for name in ("erased", "staying"):
        again = {"Idempotency-Key": name}
        candidate = (await client.post("/v1/candidates", json=ANN, headers=again)).json()
        if name == "erased":
            asked = {"candidate_id": candidate["id"], "reason": "asked"}
            assert (await client.post("/v1/privacy/erasures", json=asked)).status_code == 201
        repeated = await client.post("/v1/candidates", json=ANN, headers=again)
        assert (repeated.json()["id"] == candidate["id"]) is (name == "staying")


async def test_a_deleted_candidate_can_be_erased_and_another_tenants_cannot(plane: Plane) -> None:
    client, other = plane.client(), plane.client("globex")
    candidate = await made(client)
    await client.delete(f"/v1/candidates/{candidate['id']}")
    wanted = {"candidate_id": candidate["id"], "reason": "asked"}
    assert (await other.post("/v1/privacy/erasures", json=wanted)).status_code == 404
    assert (await client.post("/v1/privacy/erasures", json=wanted)).status_code == 201
    assert (await other.get("/v1/privacy/erasures")).json()["data"] == []
    (done,) = (await client.get("/v1/audit", params={"action": "candidate.erased"})).json()["data"]
    assert (done["actor"], done["subject"]) == ("admin", candidate["id"])
    assert (await other.get("/v1/audit")).json()["data"] == []
    recruiter = plane.client("acme", "role:recruiter")
    for refused in (
        await recruiter.post("/v1/privacy/erasures", json=wanted),
        await recruiter.get("/v1/privacy/erasures"),
    ):
        assert (refused.status_code, refused.json()["required_permission"]) == (403, "privacy:erase")


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_replicas_erase_each_expired_candidate_once(tmp_path: Path, postgres: Postgres, backend: str) -> None:
    now = NOW
    settings = {"database_url": await postgres.with_tables()} if backend == "postgresql" else {}
    async with running(tmp_path, clock=lambda: now, **settings) as plane:
        client, database, files = plane.client(), plane.services.database, places(tmp_path)
        expiring = [(await made(client, data_expires_on="2026-11-23"))["id"] for _ in range(12)]
        staying = (await made(client, data_expires_on="2026-11-24"))["id"]
        await client.delete(f"/v1/candidates/{expiring[0]}")
        await sent(client, expiring[1], pdf(WORDS))
        assert await erase_expired(database, files, now) == 0
        later = datetime(2026, 11, 23, 0, 1, tzinfo=UTC)
        replica = Database(plane.services.settings.database)
        counts = await asyncio.gather(*(erase_expired(each, files, later) for each in (database, replica, database)))
        await replica.aclose()
        assert sum(counts) == len(expiring)
        receipts = (await client.get("/v1/privacy/erasures")).json()["data"]
        assert sorted(receipt["subject_id"] for receipt in receipts) == sorted(expiring)
        assert {receipt["reason"] for receipt in receipts} == {"data_expired"}
        assert await found(client) == [staying]
        assert files_in(tmp_path) == []


async def test_a_control_plane_erases_what_expired_by_itself(tmp_path: Path) -> None:
    now = NOW
    async with running(tmp_path, clock=lambda: now) as plane:
        expiring = (await made(plane.client(), data_expires_on="2026-11-23"))["id"]
    now += timedelta(days=1)
    async with running(tmp_path, clock=lambda: now) as plane, asyncio.timeout(HANG_S):
        while not (receipts := (await plane.client().get("/v1/privacy/erasures")).json()["data"]):
            await asyncio.sleep(0.05)
        assert [receipt["subject_id"] for receipt in receipts] == [expiring]


async def test_answers_kept_for_a_repetition_are_forgotten_after_a_day(tmp_path: Path) -> None:
    now = NOW
    async with running(tmp_path, clock=lambda: now) as plane:
        await made_once(plane.client(), "once")
        assert "Ann@example.org" in await everything(plane.services.database)
        database = plane.services.database
        await forget_old_answers(database, now + timedelta(hours=23))
        assert await kept_answers(database) == 1
    now += timedelta(hours=25)
    async with running(tmp_path, clock=lambda: now) as plane, asyncio.timeout(HANG_S):
        while await kept_answers(plane.services.database):
            await asyncio.sleep(0.05)


async def made_once(client: httpx.AsyncClient, key: str) -> None:
    response = await client.post("/v1/candidates", json=ANN, headers={"Idempotency-Key": key})
    assert response.status_code == 201


async def kept_answers(database: Database) -> int:
    async with database.read() as tx:
        return int((await tx.session.execute(text("SELECT count(*) FROM idempotency_key"))).scalar_one())


async def test_one_that_cannot_be_erased_now_costs_the_others_nothing(tmp_path: Path) -> None:
    now = NOW
    async with running(tmp_path, clock=lambda: now) as plane:
        client, database, files = plane.client(), plane.services.database, places(tmp_path)
        stuck, other = [(await made(client, data_expires_on="2026-11-23"))["id"] for _ in range(2)]
        obstacle = tmp_path / "resumes" / stuck / "x.pdf"  # a directory can't be unlinked, not even by root
        obstacle.mkdir(parents=True)
        later = datetime(2026, 11, 23, tzinfo=UTC)
        assert await erase_expired(database, files, later) == 1
        assert await found(client) == [stuck]
        obstacle.rmdir()
        assert await erase_expired(database, files, later) == 1
        assert {receipt["subject_id"] for receipt in (await client.get("/v1/privacy/erasures")).json()["data"]} == {
            stuck,
            other,
        }
