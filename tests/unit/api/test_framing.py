"""Who may put a frame around a room: what is signed, and what the page's headers say then."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from fastapi import FastAPI

from api.errors import BadSettings
from api.framing import Frames
from api.pages import pages_router
from api.settings import load_settings

CAREERS, ACME, STRANGER = "https://careers.example.org", "https://jobs.acme.example", "https://evil.example"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def frames(*allowed: str, now: datetime = NOW) -> Frames:
    return Frames("secret", allowed or (CAREERS, f"acme={ACME}"), lambda: now)


def signed(tenant: str, *allowed: str) -> str:
    signs = frames(*allowed)
    by = signs.allowed(tenant, CAREERS)
    assert by is not None
    return signs.signed("int_1", by, LATER)


def asked(query: str, **changed: str) -> dict[str, str]:
    return dict(parse_qsl(query)) | changed


def test_a_tenants_own_origin_is_nobody_elses() -> None:
    assert frames().allowed("acme", CAREERS) and frames().allowed("globex", CAREERS)
    assert frames().allowed("acme", ACME) and not frames().allowed("globex", ACME)
    assert not frames().allowed("acme", STRANGER)


def test_what_was_signed_names_its_origin_until_its_end() -> None:
    query = signed("acme")
    assert frames().origin("int_1", asked(query)) == CAREERS
    assert frames(now=LATER).origin("int_1", asked(query)) is None
    assert frames(ACME).origin("int_1", asked(query)) is None, "taken from the list since"


def test_a_tenant_whose_origin_was_taken_away_has_nothing_of_one_who_has_it_too() -> None:
    mine, theirs = f"acme={CAREERS}", f"globex={CAREERS}"
    query = signed("acme", theirs, mine)
    assert frames(theirs, mine).origin("int_1", asked(query)) == CAREERS
    assert frames(theirs).origin("int_1", asked(query)) is None
    assert frames(CAREERS).origin("int_1", asked(query)) is None


@pytest.mark.parametrize(
    "changed",
    [{"embed": ACME}, {"until": "99999999999"}, {"until": "soon"}, {"sig": ""}, {"sig": "é" * 64}, {"embed": ""}],
)
def test_what_was_not_signed_names_nobody(changed: dict[str, str]) -> None:
    query = signed("acme")
    assert frames().origin("int_1", asked(query, **changed)) is None
    assert frames().origin("int_2", asked(query)) is None
    assert frames().origin("int_1", {}) is None


@pytest.mark.parametrize("wrong", ["http://careers.example.org", "https://careers.example.org/jobs", "acme=", "*"])
def test_only_origins_can_be_allowed(wrong: str) -> None:
    with pytest.raises(BadSettings, match="EMBED_ORIGINS"):
        load_settings(embed_origins=wrong)


async def test_only_the_signed_page_may_show_the_room_in_a_frame() -> None:
    app = FastAPI()
    app.include_router(pages_router(frames=frames()))
    query = signed("acme")
    forged = urlencode(asked(query, embed=STRANGER))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as browser:
        room = await browser.get(f"/room/int_1?{query}")
        assert room.headers["content-security-policy"].endswith(f"; frame-ancestors {CAREERS}")
        assert "microphone=(self)" in room.headers["permissions-policy"]
        for path in ("/room/int_1", f"/room/int_1?{forged}", f"/room/int_2?{query}", f"/app?{query}"):
            answer = await browser.get(path)
            assert answer.headers["content-security-policy"].endswith("; frame-ancestors 'none'"), path
