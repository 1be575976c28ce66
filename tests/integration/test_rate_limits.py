"""Rate limits over real HTTP: what is told with each answer, and what is not limited."""

from pathlib import Path

import httpx

from tests.guards import HANG_S, connect
from tests.integration.plane import close_code, running

ASKED = "/v1/question-bank"


async def test_whoever_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    async with running(tmp_path, rate_per_minute=5, rate_per_hour=100) as plane:
        client = plane.client()
        answers = [await client.get(ASKED) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert [answer.headers["x-ratelimit-remaining-minute"] for answer in answers] == list("432100")
        assert answers[0].headers["x-ratelimit-limit-hour"] == "100"
        assert answers[0].headers["ratelimit-policy"] == '"minute";q=5;w=60, "hour";q=100;w=3600'
        problem = answers[-1].json()
        assert (problem["code"], problem["status"]) == ("rate_limited", 429)
        assert 1 <= problem["retry_after_s"] <= 12
        assert answers[-1].headers["retry-after"] == str(problem["retry_after_s"])
        assert (await plane.client("globex").get(ASKED)).status_code == 200
        async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as anybody:
            for path in ("/v1/health", "/app", "/v1/openapi.json"):
                answer = await anybody.get(path)
                assert answer.status_code == 200 and "x-ratelimit-limit-minute" not in answer.headers


async def test_errors_tell_what_is_left_as_well(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        missing = await plane.client().get("/v1/interviews/int_nothing")
        assert (missing.status_code, missing.headers["x-ratelimit-remaining-minute"]) == (404, "599")
        refused = await plane.client("acme", "job:read").get(ASKED)
        assert refused.status_code == 403
        assert int(refused.headers["x-ratelimit-remaining-hour"]) < 20_000


async def test_a_key_has_its_own_limit_and_its_own_count(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        wanted = {"name": "Small", "scopes": ["interview:read"], "per_minute": 2}
        keys = [(await client.post("/v1/keys", json=wanted)).json()["key"] for _ in range(2)]
        async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as holder:
            for key in keys:
                answers = [await holder.get(ASKED, headers={"Authorization": f"Bearer {key}"}) for _ in range(3)]
                assert [answer.status_code for answer in answers] == [200, 200, 429]
                assert answers[0].headers["x-ratelimit-limit-minute"] == "2"
                assert answers[0].headers["x-ratelimit-limit-hour"] == "20000"
        assert (await client.get(ASKED)).status_code == 200


async def test_a_key_made_under_a_higher_limit_follows_the_lower_one(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        wanted = {"name": "Large", "scopes": ["interview:read"], "per_minute": 500}
        key = (await plane.client().post("/v1/keys", json=wanted)).json()["key"]
    async with (
        running(tmp_path, rate_per_minute=7) as plane,
        httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as holder,
    ):
        answer = await holder.get(ASKED, headers={"Authorization": f"Bearer {key}"})
        assert answer.headers["x-ratelimit-limit-minute"] == "7"


async def test_limits_can_be_turned_off(tmp_path: Path) -> None:
    async with running(tmp_path, rate_per_minute=0, rate_per_hour=0) as plane:
        answer = await plane.client().get(ASKED)
        assert answer.status_code == 200
        assert not [name for name in answer.headers if "ratelimit" in name]


async def test_guessing_is_slowed_down_and_good_tokens_of_the_same_address_are_not(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        async with httpx.AsyncClient(
            base_url=plane.url, headers={"Authorization": "Bearer guess"}, timeout=HANG_S
        ) as guesser:
            answers = [await guesser.get(ASKED)]
            while answers[-1].status_code == 401 and len(answers) < 500:
                answers.append(await guesser.get(ASKED))
        assert len(answers) > 60
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert (await plane.client().get(ASKED)).status_code == 200
        codes: list[int | None] = []
        while 4429 not in codes and len(codes) < 20:  # one more guess is allowed every second
            async with connect(plane.sockets("/v1/interviews/int_1/stream")) as socket:
                await socket.send('{"token": "guess"}')
                codes.append(await close_code(socket))
        assert 4429 in codes
