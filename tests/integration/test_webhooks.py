"""Webhooks over real HTTP: the API, the server that is told, and between them time, crashes and replicas."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.database import Database
from api.interviews.tables import InterviewRow
from api.records.service import Match
from api.tables import METADATA
from api.webhooks.callbacks import callback_at
from api.webhooks.courier import Courier
from api.webhooks.deliveries import new_delivery
from api.webhooks.events import Notice
from api.webhooks.outbox import enqueue
from api.webhooks.repository import Queue
from api.webhooks.schemas import DeliveryOut, WebhookIn, WebhookOut, WebhookWithSecret
from api.webhooks.sender import AT_ONCE_TO_ONE, Sender
from api.webhooks.service import WebhookService
from api.webhooks.targets import Targets
from tests.fakes.webhooks import ENDLESS, HANG, Answer, WebhookServer, certified, webhook_server
from tests.guards import HANG_S
from tests.integration.plane import Plane, running, until, uplink
from tests.running_postgres import Postgres

ROOT = "the-data-directory's-signing-key-of-some-length"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[WebhookServer]:
    async with webhook_server() as server:
        yield server


# ---- over the API ---------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def plane(tmp_path: Path) -> AsyncIterator[Plane]:
    async with running(tmp_path, webhook_allow_private=True) as plane:
        yield plane


async def registered(client: httpx.AsyncClient, server: WebhookServer, *events: str, **more: Any) -> dict[str, Any]:
    response = await client.post("/v1/webhooks", json={"url": server.url, "events": events or ["*"]} | more)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_who_asked_is_told_of_a_change_by_a_signed_message_of_ids_and_states(
    plane: Plane, server: WebhookServer
) -> None:
    client = plane.client()
    names = ("interview.status", "interview.cancelled")
    webhook = await registered(client, server, *names, headers={"X-Key": "open sesame"})
    interview_id = await plane.created(client, external_ref="ats-7")
    await client.post(f"/v1/interviews/{interview_id}/cancel")
    await server.told("interview.cancelled")
    first, second = server.requests[-2:]
    assert first.line == "POST /hook?from=interviews HTTP/1.1"
    assert first.headers["host"] == f"127.0.0.1:{server.port}"
    assert (first.headers["content-type"], first.headers["x-key"]) == ("application/json", "open sesame")
    assert [first.json["type"], second.json["type"]] == list(names)
    assert first.json["data"] == {
        "interview_id": interview_id,
        "status": "cancelled",
        "previous": "ready",
        "reason": first.json["data"]["reason"],
        "external_ref": "ats-7",
    }
    assert datetime.fromisoformat(first.json["timestamp"]) <= datetime.now(UTC)
    assert first.proves(webhook["secret"]) and second.proves(webhook["secret"])
    assert abs(int(first.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 10
    log = await logged(client, webhook["id"], "delivered", len(server.requests))
    assert [each["id"] for each in log[:2]] == [second.headers["webhook-id"], first.headers["webhook-id"]]
    assert (log[0]["attempts"], log[0]["response_status"], log[0]["response"]) == (1, 200, "ok")
    assert log[0]["payload"] == second.json


async def logged(client: httpx.AsyncClient, webhook_id: str, status: str, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(HANG_S):
        while True:
            path = f"/v1/webhooks/{webhook_id}/deliveries"
            page = (await client.get(path, params={"status": status})).json()
            if page["meta"]["total"] >= count:
                data: list[dict[str, Any]] = page["data"]
                return data
            await asyncio.sleep(0.02)


async def test_an_interview_is_told_step_by_step(plane: Plane, server: WebhookServer) -> None:
    client = plane.client()
    await registered(client, server, "*")
    interview_id, spec = await plane.started(client)
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.acknowledged(1)
    await server.told("interview.started")
    steps = [request.json["data"] for request in server.requests if request.json["type"] == "interview.status"]
    assert [step["status"] for step in steps][-2:] == ["joining", "in_progress"]
    assert all(step["interview_id"] == interview_id for step in steps)
    assert [step["previous"] for step in steps[1:]] == [step["status"] for step in steps[:-1]]


async def test_secrets_are_shown_once_and_kept_nowhere(plane: Plane, server: WebhookServer, tmp_path: Path) -> None:
    client = plane.client()
    webhook = await registered(client, server, headers={"X-Key": "open sesame"})
    path = f"/v1/webhooks/{webhook['id']}"
    assert webhook["secret"].startswith("whsec_") and webhook["header_names"] == ["X-Key"]
    for response in (
        await client.get(path),
        await client.get("/v1/webhooks"),
        await client.patch(path, json={"description": "for the ATS"}),
        await client.post(f"{path}/reset"),
        await client.post(f"{path}/ping"),
    ):
        assert response.status_code == 200
        assert webhook["secret"] not in response.text and "open sesame" not in response.text
    assert server.requests[0].headers["x-key"] == "open sesame"
    for file in tmp_path.glob("vivavoce.db*"):
        assert webhook["secret"].removeprefix("whsec_").encode() not in file.read_bytes()


async def test_a_key_never_gets_the_secret_told_again(plane: Plane, server: WebhookServer) -> None:
    client, body = plane.client(), {"url": server.url, "events": ["*"]}
    key = {"Idempotency-Key": "k1"}
    assert (await client.post("/v1/webhooks", json=body, headers=key)).status_code == 201
    again = await client.post("/v1/webhooks", json=body, headers=key)
    assert again.status_code == 409 and "whsec_" not in again.text
    assert (await client.get("/v1/webhooks")).json()["meta"]["total"] == 1


async def test_a_webhook_is_changed_by_merging_and_against_its_version(plane: Plane, server: WebhookServer) -> None:
    client = plane.client()
    created = await client.post(
        "/v1/webhooks", json={"url": server.url, "events": ["ping"], "headers": {"X-A": "1", "X-B": "2"}}
    )
    path = created.headers["location"]
    assert created.headers["etag"] == '"1"'
    changed = await client.patch(path, json={"headers": {"X-A": None}, "max_retries": 0}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200 and changed.headers["etag"] == '"2"'
    assert (changed.json()["header_names"], changed.json()["max_retries"]) == (["X-B"], 0)
    late = await client.put(path, json={"active": False}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_another_tenant_reaches_nothing_and_is_told_nothing(plane: Plane, server: WebhookServer) -> None:
    webhook = await registered(plane.client("acme"), server)
    sent = (await plane.client("acme").post(f"/v1/webhooks/{webhook['id']}/ping")).json()
    server.requests.clear()
    other, path = plane.client("globex"), f"/v1/webhooks/{webhook['id']}"
    for response in (
        await other.get(path),
        await other.patch(path, json={"active": False}),
        await other.delete(path),
        await other.post(f"{path}/ping"),
        await other.post(f"{path}/reset"),
        await other.post(f"{path}/rotate-secret"),
        await other.get(f"{path}/deliveries"),
        await other.post(f"{path}/deliveries/{sent['id']}/retry"),
    ):
        assert response.status_code == 404, response.request.url
    own = await registered(other, server)
    stolen = await other.post(f"/v1/webhooks/{own['id']}/deliveries/{sent['id']}/retry")
    assert stolen.status_code == 404
    assert (await other.delete(f"/v1/webhooks/{own['id']}")).status_code == 204
    interview_id = await plane.created(other)
    await other.post(f"/v1/interviews/{interview_id}/cancel")
    await until(other, interview_id, "cancelled")
    await asyncio.sleep(0.3)
    assert server.requests == []


async def test_every_call_needs_the_scope(plane: Plane, server: WebhookServer) -> None:
    webhook = await registered(plane.client("acme", "webhook:manage"), server)
    weak, path = plane.client("acme", "interview:read", "job:create"), f"/v1/webhooks/{webhook['id']}"
    for response in (
        await weak.post("/v1/webhooks", json={"url": server.url, "events": ["*"]}),
        await weak.get("/v1/webhooks"),
        await weak.get(path),
        await weak.patch(path, json={}),
        await weak.delete(path),
        await weak.post(f"{path}/ping"),
        await weak.post(f"{path}/reset"),
        await weak.post(f"{path}/rotate-secret"),
        await weak.get(f"{path}/deliveries"),
        await weak.post(f"{path}/deliveries/msg_1/retry"),
    ):
        assert response.status_code == 403
        assert response.json()["required_permission"] == "webhook:manage"


@pytest.mark.parametrize(
    ("wrong", "loc"),
    [
        ({"url": "nowhere"}, ["body", "url"]),
        ({"url": "http://127.0.0.1:0/"}, ["body", "url"]),
        ({"url": "http://a\u0000b/"}, ["body", "url"]),
        ({"url": 7}, ["body", "url"]),
        ({"events": []}, ["body", "events"]),
        ({"events": ["interview.lost"]}, ["body", "events"]),
        ({"headers": {f"X-{number}": "a" for number in range(51)}}, ["body", "headers"]),
        ({"headers": {"X Y": "a"}}, ["body", "headers"]),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, ["body", "headers"]),
        ({"headers": {"X-A": "ä"}}, ["body", "headers"]),
        ({"headers": {"X-A": ""}}, ["body", "headers"]),
        ({"headers": {"X-A": "a", "x-a": "b"}}, ["body", "headers"]),
        ({"headers": {"Webhook-Signature": "v1,a"}}, ["body", "headers"]),
        ({"headers": {"Transfer-Encoding": "chunked"}}, ["body", "headers"]),
        ({"headers": {"HOST": "elsewhere"}}, ["body", "headers"]),
        ({"timeout_s": 0.5}, ["body", "timeout_s"]),
        ({"timeout_s": 31}, ["body", "timeout_s"]),
        ({"max_retries": 11}, ["body", "max_retries"]),
        ({"max_retries": -1}, ["body", "max_retries"]),
        ({"active": "yes"}, ["body", "active"]),
        ({"secret": "whsec_mine"}, ["body", "secret"]),
    ],
)
async def test_what_cannot_be_a_webhook_is_told_where(
    plane: Plane, server: WebhookServer, wrong: dict[str, Any], loc: list[Any]
) -> None:
    client = plane.client()
    webhook = await registered(client, server)
    refused = await client.post("/v1/webhooks", json={"url": server.url, "events": ["*"]} | wrong)
    patched = await client.patch(f"/v1/webhooks/{webhook['id']}", json=wrong)
    for response in (refused, patched):
        assert response.status_code == 422, response.text
        complaint = response.json()["errors"][0]
        assert complaint["loc"][: len(loc)] == loc and complaint["what"] and complaint["todo"]
    assert (await client.get(f"/v1/webhooks/{webhook['id']}")).json()["url"] == server.url


async def test_unless_the_operator_allows_it_nothing_private_can_be_named(
    tmp_path: Path, server: WebhookServer
) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        for url, what in (
            (server.url, "not https"),
            ("https://127.0.0.1/", "not a public address"),
            ("https://[::ffff:169.254.169.254]/latest/meta-data", "not a public address"),
            ("https://localhost/", "not a public address"),
        ):
            response = await client.post("/v1/webhooks", json={"url": url, "events": ["*"]})
            assert response.status_code == 422
            assert what in response.json()["errors"][0]["what"]
            assert response.json()["errors"][0]["loc"] == ["body", "url"]
        assert (await client.get("/v1/webhooks")).json()["data"] == []
    assert server.requests == []


async def test_a_ping_tells_at_once_what_came_of_it(plane: Plane, server: WebhookServer) -> None:
    client = plane.client()
    webhook = await registered(client, server, "interview.completed", timeout_s=1, active=False)
    ping = f"/v1/webhooks/{webhook['id']}/ping"
    server.answers.extend(
        [Answer(204, body=b""), Answer(503, body=b"a\0b"), Answer(302, {"Location": server.url}), HANG]
    )
    good, bad, moved, hung = [(await client.post(ping)).json() for _ in range(4)]
    assert (good["status"], good["response_status"], good["error"]) == ("delivered", 204, None)
    assert (bad["status"], bad["response_status"], bad["response"]) == ("failed", 503, "a\ufffdb")
    assert moved["status"] == "failed" and "redirects are not followed" in moved["error"]
    assert hung["status"] == "failed" and "within 1 s" in hung["error"] and hung["response_status"] is None
    assert [request.json["type"] for request in server.requests] == ["ping"] * 4  # nobody followed anything
    assert server.requests[0].json["data"] == {"webhook_id": webhook["id"]}
    log = (await client.get(f"/v1/webhooks/{webhook['id']}/deliveries", params={"limit": 3})).json()
    assert [each["id"] for each in log["data"]] == [hung["id"], moved["id"], bad["id"]]
    assert log["meta"]["total"] == 4 and log["data"][0]["next_at"] is None
    assert (await client.get(f"/v1/webhooks/{webhook['id']}")).json()["consecutive_failures"] == 0


async def test_a_webhook_that_is_off_gets_nothing_and_repeats_nothing(plane: Plane, server: WebhookServer) -> None:
    client = plane.client()
    webhook = await registered(client, server, active=False)
    sent = (await client.post(f"/v1/webhooks/{webhook['id']}/ping")).json()
    interview_id = await plane.created(client)
    await client.post(f"/v1/interviews/{interview_id}/cancel")
    refused = await client.post(f"/v1/webhooks/{webhook['id']}/deliveries/{sent['id']}/retry")
    assert refused.status_code == 409 and "active" in refused.json()["detail"]
    await asyncio.sleep(0.3)
    assert len(server.requests) == 1


async def test_a_tenant_has_fifty_webhooks_at_most(plane: Plane, server: WebhookServer) -> None:
    client = plane.client()
    for _ in range(50):
        webhook = await registered(client, server)
    full = await client.post("/v1/webhooks", json={"url": server.url, "events": ["*"]})
    assert full.status_code == 409 and "delete one" in full.json()["detail"]
    assert (await client.patch(f"/v1/webhooks/{webhook['id']}", json={"description": "last"})).status_code == 200


async def test_an_interviews_own_callback_is_told_of_it_alone_by_signed_messages(
    plane: Plane, server: WebhookServer
) -> None:
    client = plane.client()
    quiet, _ = await plane.created(client), await plane.created(client, callback_url=server.url + "&other")
    interview_id = await plane.created(client, callback_url=server.url)
    await server.received(2)
    mine = next(hook for hook in (await client.get("/v1/webhooks")).json()["data"] if hook["url"] == server.url)
    assert (mine["events"], mine["active"], mine["header_names"]) == (["callback"], True, [])
    rotated = await client.post(f"/v1/webhooks/{mine['id']}/rotate-secret")
    for id_ in (quiet, interview_id):
        await client.post(f"/v1/interviews/{id_}/cancel")
    log = await logged(client, mine["id"], "delivered", 2)
    sent = {request.headers["webhook-id"]: request for request in server.requests}
    assert [(each["type"], each["payload"]["data"]["status"]) for each in log] == [
        ("interview.status", "cancelled"),
        ("interview.status", "ready"),
    ]
    for each in log:
        assert each["payload"] == sent[each["id"]].json
        assert each["payload"]["data"]["interview_id"] == interview_id
    assert sent[log[0]["id"]].proves(rotated.json()["secret"])
    assert len(server.requests) == 3  # the other callback's one, and these two


async def test_a_callback_that_is_a_webhook_already_is_told_once_and_off_when_that_is(
    plane: Plane, server: WebhookServer
) -> None:
    client = plane.client()
    webhook = await registered(client, server, "interview.cancelled")
    interview_id = await plane.created(client, callback_url=server.url)
    await client.post(f"/v1/interviews/{interview_id}/cancel")
    log = await logged(client, webhook["id"], "delivered", 2)
    assert [each["type"] for each in log] == ["interview.cancelled", "interview.status"]
    assert all(request.proves(webhook["secret"]) for request in server.requests)
    await client.patch(f"/v1/webhooks/{webhook['id']}", json={"active": False})
    await plane.created(client, callback_url=server.url)
    last = await plane.created(client, callback_url=server.url + "&last")
    await server.received(3)
    assert server.requests[2].json["data"]["interview_id"] == last
    hooks = (await client.get("/v1/webhooks")).json()["data"]
    assert [hook["url"] for hook in hooks] == [server.url + "&last", server.url]


async def test_callbacks_are_not_among_the_fifty(plane: Plane, server: WebhookServer) -> None:
    client = plane.client()
    await plane.created(client, callback_url=server.url + "&mine")
    await server.received(1)
    for _ in range(50):
        await registered(client, server)
    assert (await client.post("/v1/webhooks", json={"url": server.url, "events": ["*"]})).status_code == 409


async def test_a_callback_leads_to_public_servers_alone(tmp_path: Path, server: WebhookServer) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        await plane.created(client, callback_url=server.url.replace("http://127.0.0.1", "https://localhost"))
        async with asyncio.timeout(HANG_S):
            while (
                not (hooks := (await client.get("/v1/webhooks")).json()["data"]) or not hooks[0]["consecutive_failures"]
            ):
                await asyncio.sleep(0.02)
        (log,) = await logged(client, hooks[0]["id"], "pending", 1)
        assert "127.0.0.1, which is not a public address" in log["error"] and server.requests == []


# ---- time, crashes, replicas ----------------------------------------------------------------------------------------


@dataclass
class Watch:
    """A clock that stands still until it is set forward."""

    now: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Stand:
    """A database, a clock, and as many control planes' webhook parts as a test wants."""

    url: str
    stack: AsyncExitStack
    watch: Watch = field(default_factory=Watch)

    def database(self) -> Database:
        database = Database(self.url)
        self.stack.push_async_callback(database.aclose)
        return database

    def replica(self, targets: Targets | None = None, tls: ssl.SSLContext | None = None) -> "Replica":
        targets = targets or Targets(allow_private=True)
        database, courier = self.database(), Courier(ROOT, targets, self.watch, tls)
        service = WebhookService(database, courier, targets, self.watch)
        return Replica(database, service, Sender(database, courier, self.watch, 0.01, chance=lambda: 0.5))


@dataclass
class Replica:
    database: Database
    service: WebhookService
    sender: Sender

    async def webhook(self, url: str, *events: str, **more: Any) -> WebhookWithSecret:
        wanted = WebhookIn(url=url, events=events or ("*",), **more)
        return (await self.service.create("acme", wanted)).body

    async def happens(self, count: int = 1, tenant: str = "acme") -> None:
        """Let interviews be evaluated, each in a transaction of its own."""
        for _ in range(count):
            async with self.database.write() as tx:
                enqueue(tx.session, tenant, evaluated())

    async def works(self) -> None:
        """Send everything that is due."""
        begun = 1
        while begun:
            async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
                begun = await self.sender.look(tasks)

    async def log(self, webhook: WebhookOut) -> list[DeliveryOut]:
        """What was sent, oldest first."""
        return (await self.service.deliveries("acme", webhook.id, None, 1, 100)).data[::-1]

    async def state(self, webhook: WebhookOut) -> WebhookOut:
        return (await self.service.get("acme", webhook.id)).body


def evaluated(interview_id: str = "int_1") -> Notice:
    return Notice("evaluation.completed", datetime(2026, 11, 22, 8, tzinfo=UTC), {"interview_id": interview_id})


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def stand(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres) -> AsyncIterator[Stand]:
    sqlite = f"sqlite+aiosqlite:///{tmp_path / 'vivavoce.db'}"
    url = sqlite if request.param == "sqlite" else await postgres.with_tables()
    async with AsyncExitStack() as stack:
        stand = Stand(url, stack)
        async with stand.database()._engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        yield stand


async def test_what_is_rolled_back_is_never_told(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    await replica.webhook(server.url)
    with pytest.raises(RuntimeError, match="no"):
        async with replica.database.write() as tx:
            enqueue(tx.session, "acme", evaluated())
            await tx.session.flush()
            raise RuntimeError("no")
    await replica.works()
    assert server.requests == []
    await replica.happens()
    await replica.works()
    assert len(server.requests) == 1


async def test_two_replicas_make_one_webhook_of_a_callback(stand: Stand, server: WebhookServer) -> None:
    one, two = stand.replica(), stand.replica()
    at = stand.watch.now
    async with one.database.write() as tx:
        words = dict.fromkeys(("title", "candidate_name", "organisation", "bot_name"), "x")
        kept = words | {"mode": "solo", "language": "en", "status": "completed", "plan": {}, "limits": {}}
        for tenant, id_ in (("acme", "int_1"), ("globex", "int_2")):
            times = {"created_at": at, "updated_at": at}
            tx.session.add(InterviewRow(id=id_, tenant=tenant, callback_url=server.url, **kept, **times))
    for _ in range(3):
        await one.happens()
        await asyncio.gather(one.works(), two.works())
    async with one.database.write() as tx:
        enqueue(tx.session, "globex", evaluated("int_1"))  # another tenant's interview
    await one.works()
    (webhook,) = (await one.service.page("acme", 1, 10)).data
    assert (await one.service.page("globex", 1, 10)).data == []
    assert [each.status for each in await one.log(webhook)] == ["delivered"] * 3
    assert len(server.requests) == 3


async def test_what_stands_for_a_callback_goes_with_the_last_of_its_log(stand: Stand, server: WebhookServer) -> None:
    replica, own = stand.replica(), await stand.replica().webhook(server.url)
    for path in ("/once", "/rotated"):
        async with replica.database.write() as tx:
            webhook = await callback_at(Queue(tx.session), "acme", server.url + path, stand.watch.now)
            tx.session.add(new_delivery(webhook, "evaluation.completed", stand.watch.now, {}, stand.watch.now))
    await replica.works()
    await replica.service.rotate_secret("acme", webhook.id)
    for days, kept in ((29, 3), (2, 2)):
        stand.watch.forward(days=days)
        await replica.works()
        assert len((await replica.service.page("acme", 1, 10)).data) == kept
    assert {one.id for one in (await replica.service.page("acme", 1, 10)).data} == {own.id, webhook.id}


async def test_what_was_committed_before_a_crash_is_told_after_it(stand: Stand, server: WebhookServer) -> None:
    before = stand.replica()
    webhook = await before.webhook(server.url)
    await before.happens()
    await before.database.aclose()
    await stand.replica().works()
    assert [request.json["data"] for request in server.requests] == [{"interview_id": "int_1"}]
    assert server.requests[0].proves(webhook.secret)


async def test_what_was_under_way_in_a_crash_is_sent_again_under_its_id(stand: Stand, server: WebhookServer) -> None:
    dying, other = stand.replica(), stand.replica()
    await dying.webhook(server.url, timeout_s=10)
    await dying.happens()
    server.answers.append(HANG)
    running_on = asyncio.TaskGroup()
    async with running_on:
        task = running_on.create_task(dying.works())
        await server.received(1)
        task.cancel()
    await other.works()
    assert len(server.requests) == 1  # it could still be under way
    stand.watch.forward(seconds=41)
    await other.works()
    assert len(server.requests) == 2 and len(set(server.ids)) == 1


async def test_two_replicas_deliver_each_message_once_and_in_order(stand: Stand, server: WebhookServer) -> None:
    one, two = stand.replica(), stand.replica()
    webhook = await one.webhook(server.url)
    await one.happens(12)
    server.slow_s = 0.01
    await asyncio.gather(one.works(), two.works())
    await one.works()  # whoever found nothing may have left while the other was still busy
    assert len(server.requests) == 12 and server.most_at_once == 1
    assert server.ids == [each.id for each in await one.log(webhook)]


async def test_a_slow_webhook_does_not_hold_up_another(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    await replica.webhook(server.url)
    async with webhook_server() as hanging:
        hanging.otherwise = HANG
        await replica.webhook(hanging.url)
        await replica.happens(3)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(replica.sender.run())
            await server.received(3)
            assert len(hanging.requests) == 1
            task.cancel()


async def test_one_tenants_slow_webhooks_hold_up_its_own_alone(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    async with webhook_server() as hanging:
        hanging.otherwise = HANG
        for number in range(AT_ONCE_TO_ONE + 2):
            await replica.webhook(f"{hanging.url}/{number}")
        await replica.service.create("globex", WebhookIn(url=server.url, events=("*",)))
        await replica.happens()
        await replica.happens(tenant="globex")
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(replica.sender.run())
            await server.received(1)
            await hanging.received(AT_ONCE_TO_ONE)
            assert await replica.sender.look(tasks) == 0, "the rest of it waits for a turn"
            task.cancel()


async def test_each_name_asked_for_is_told_and_no_other(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    await replica.webhook(server.url, "interview.started", "interview.failed")
    data = {"interview_id": "int_1", "previous": "joining", "status": "in_progress", "reason": None}
    async with replica.database.write() as tx:
        enqueue(tx.session, "acme", Notice("interview.status", stand.watch(), data))
        enqueue(tx.session, "acme", evaluated())
        enqueue(tx.session, "globex", Notice("interview.status", stand.watch(), data))
    await replica.works()
    assert [request.json["type"] for request in server.requests] == ["interview.started"]
    with pytest.raises(ValueError, match="is none of"):
        enqueue(tx.session, "acme", Notice("interview.lost", stand.watch(), {}))


async def test_a_failed_message_is_tried_again_later_and_later_until_it_is_given_up(
    stand: Stand, server: WebhookServer
) -> None:
    replica = stand.replica()
    webhook = await replica.webhook(server.url, max_retries=3)
    server.fails(4)
    await replica.happens()
    for wait, sent in ((0, 1), (4.9, 1), (0.1, 2), (30, 3), (119, 3), (1, 4)):
        stand.watch.forward(seconds=wait)
        await replica.works()
        assert len(server.requests) == sent
    assert len(set(server.ids)) == 1
    [delivery] = await replica.log(webhook)
    assert (delivery.status, delivery.attempts, delivery.next_at) == ("failed", 4, None)
    assert delivery.error == "It answered 500; answer 2xx to accept a message."
    stand.watch.forward(days=2)
    await replica.works()
    assert len(server.requests) == 4
    asked = await replica.service.retry("acme", webhook.id, delivery.id)
    assert (asked.status, asked.id) == ("pending", delivery.id)
    await replica.works()
    assert [each.status for each in await replica.log(webhook)] == ["delivered"]
    assert len(server.requests) == 5 and len(set(server.ids)) == 1


async def test_a_message_that_waits_to_be_repeated_lets_the_next_ones_pass(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    webhook = await replica.webhook(server.url)
    server.fails(1)
    await replica.happens(3)
    await replica.works()
    assert [each.status for each in await replica.log(webhook)] == ["pending", "delivered", "delivered"]
    stand.watch.forward(seconds=5)
    await replica.works()
    assert server.ids[3] == server.ids[0]


async def test_ten_failures_in_a_row_open_the_circuit_and_a_good_probe_closes_it(
    stand: Stand, server: WebhookServer
) -> None:
    replica = stand.replica()
    webhook = await replica.webhook(server.url, max_retries=0)
    server.fails(11)
    await replica.happens(14)
    await replica.works()
    assert len(server.requests) == 10
    state = await replica.state(webhook)
    assert (state.circuit, state.consecutive_failures) == ("open", 10)
    assert state.paused_until == stand.watch.now + timedelta(minutes=5)
    for wait, sent in ((4.9, 10), (0.1, 11), (9.9, 11)):  # the first probe fails, so that the second comes after 10
        stand.watch.forward(minutes=wait)
        await replica.works()
        assert len(server.requests) == sent
    stand.watch.forward(minutes=0.1)
    await replica.works()
    assert len(server.requests) == 14
    state = await replica.state(webhook)
    assert (state.circuit, state.consecutive_failures, state.paused_until) == ("closed", 0, None)


async def test_a_reset_closes_the_circuit_at_once(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    webhook = await replica.webhook(server.url, max_retries=0)
    server.fails(10)
    await replica.happens(12)
    await replica.works()
    assert len(server.requests) == 10
    state = await replica.service.reset("acme", webhook.id)
    assert (state.circuit, state.consecutive_failures) == ("closed", 0)
    await replica.works()
    assert len(server.requests) == 12


async def test_410_switches_a_webhook_off(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    webhook = await replica.webhook(server.url)
    server.fails(1, 410)
    await replica.happens(2)
    await replica.works()
    stand.watch.forward(days=1)
    await replica.happens()
    await replica.works()
    assert len(server.requests) == 1
    assert (await replica.state(webhook)).active is False
    assert [each.status for each in await replica.log(webhook)] == ["failed", "pending"]
    await replica.service.change("acme", webhook.id, {"active": True}, Match())
    await replica.works()
    assert [each.status for each in await replica.log(webhook)] == ["failed", "delivered"]


async def test_a_deleted_webhook_gets_nothing_more(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    webhook = await replica.webhook(server.url)
    server.fails(1)
    await replica.happens(1)
    await replica.works()
    await replica.service.delete("acme", webhook.id, Match())
    stand.watch.forward(days=1)
    await replica.happens()
    await replica.works()
    assert len(server.requests) == 1


async def test_the_log_is_kept_for_a_month(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    webhook = await replica.webhook(server.url)
    await replica.happens()
    await replica.works()
    stand.watch.forward(days=29)
    await replica.happens()
    await replica.works()
    assert len(await replica.log(webhook)) == 2
    stand.watch.forward(days=2)
    await replica.works()
    assert len(await replica.log(webhook)) == 1


async def test_many_events_of_others_do_not_keep_one_waiting(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    await replica.webhook(server.url)
    async with replica.database.write() as tx:
        for _ in range(250):
            enqueue(tx.session, "globex", evaluated())
            await tx.session.flush()
        enqueue(tx.session, "acme", evaluated())
    async with asyncio.TaskGroup() as tasks:
        assert await replica.sender.look(tasks) == 1


async def test_after_a_rotation_both_secrets_sign_for_a_day(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    old = await replica.webhook(server.url)
    new = await replica.service.rotate_secret("acme", old.id)
    assert new.secret != old.secret
    for hours in (0, 23.9, 0.1):
        stand.watch.forward(hours=hours)
        await replica.happens()
        await replica.works()
    signatures = [request.headers["webhook-signature"].split(" ") for request in server.requests]
    assert [len(each) for each in signatures] == [2, 2, 1]
    assert [request.proves(old.secret) for request in server.requests] == [True, True, False]
    assert all(request.proves(new.secret) for request in server.requests)


async def test_an_answer_without_end_is_cut_off_and_counts_by_its_status(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    webhook = await replica.webhook(server.url)
    server.answers.append(ENDLESS)
    await replica.happens()
    await replica.works()
    [delivery] = await replica.log(webhook)
    assert (delivery.status, delivery.response) == ("delivered", "x" * 2048)


async def test_a_server_that_is_not_there_is_a_failure_in_words(stand: Stand, server: WebhookServer) -> None:
    replica = stand.replica()
    async with webhook_server() as gone:
        url = gone.url
    webhook = await replica.webhook(url)
    await replica.happens()
    await replica.works()
    [delivery] = await replica.log(webhook)
    assert delivery.status == "pending" and (delivery.error or "").startswith("The connection failed: ")
    assert delivery.response_status is None


# ---- addresses ------------------------------------------------------------------------------------------------------


@dataclass
class Names:
    """Name servers that answer as they are told to. asked: how often."""

    address: str
    asked: int = 0

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return (self.address,)


async def test_a_name_that_turns_private_after_registration_is_not_connected_to(
    stand: Stand, server: WebhookServer
) -> None:
    names = Names("8.8.8.8")
    replica = stand.replica(Targets(allow_private=False, resolve=names.resolve))
    webhook = await replica.webhook(f"https://hooks.example.org:{server.port}/")
    names.address = "127.0.0.1"
    await replica.happens()
    await replica.works()
    [delivery] = await replica.log(webhook)
    assert delivery.status == "pending"
    assert "127.0.0.1, which is not a public address" in (delivery.error or "")
    assert server.requests == [] and names.asked == 2


async def test_the_checked_address_is_connected_to_under_the_hosts_own_name(stand: Stand) -> None:
    names = Names("127.0.0.1")
    serving, trusting = certified("hooks.example.org")
    async with webhook_server(serving) as server:
        replica = stand.replica(Targets(allow_private=True, resolve=names.resolve), trusting)
        right = await replica.webhook(f"https://hooks.example.org:{server.port}/a")
        wrong = await replica.webhook(f"https://other.example.org:{server.port}/b")
        await replica.happens()
        await replica.works()
        assert [request.line for request in server.requests] == ["POST /a HTTP/1.1"]
        assert server.requests[0].headers["host"] == f"hooks.example.org:{server.port}"
        assert [each.status for each in await replica.log(right)] == ["delivered"]
        [refused] = await replica.log(wrong)
        assert "certificate" in (refused.error or "").lower()
        assert names.asked == 4  # once at each registration, once for each delivery
