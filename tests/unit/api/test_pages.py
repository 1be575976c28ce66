"""The pages as files: what they may load, that they load it from here, and that it is there."""

import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

import httpx
import pytest
from fastapi import FastAPI

from api.interviews.states import Status
from api.pages import pages_router
from api.pages.router import STATIC
from bot.state import EndReason

PAGES = ["/app", "/app/interviews/int_1/report", "/room/int_1"]
LOADED = re.compile(r"""(?:src|href)="([^"#]+)"|(?:from |import\(|new URL\()"(\./[^"]+)"|url\("([^"]+)"\)""")


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(pages_router())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        yield client


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_may_load_its_own_files_and_nothing_else(browser: httpx.AsyncClient, page: str) -> None:
    answer = await browser.get(page)
    assert answer.status_code == 200
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert answer.headers["referrer-policy"] == "no-referrer"


OURS = {
    EndReason.SPEECH_UNAVAILABLE,
    EndReason.CONNECTION_LOST,
    EndReason.BOT_CRASHED,
    EndReason.NO_CAPACITY,
}  # told as `technical`
ELSEWHERE = {reason for reason in EndReason if reason.name.startswith(("MEETING", "BROWSER"))} | {
    EndReason.SIGN_IN_REQUIRED,
    EndReason.LOBBY_TIMEOUT,
    EndReason.ADMISSION_DENIED,
    EndReason.REMOVED_FROM_MEETING,
}  # of meetings that our pages have no part in


@pytest.mark.parametrize("reason", [*sorted(set(EndReason) - OURS - ELSEWHERE), "technical"])
async def test_every_ending_has_words_for_the_candidate(browser: httpx.AsyncClient, reason: str) -> None:
    words = (await browser.get("/pages/words.js")).text
    over = words[words.index("  over: {") :]
    assert re.search(rf'^    {reason}: \(.*\) => \["[^"`]+|^    {reason}: \(.*\) => \[`[^`]+', over, re.MULTILINE)


@pytest.mark.parametrize("reason", EndReason)
async def test_every_ending_has_words_for_the_team(browser: httpx.AsyncClient, reason: EndReason) -> None:
    words = (await browser.get("/pages/app-words.js")).text
    assert re.search(rf'^    {reason.value}: "[A-Za-z]', words, re.MULTILINE)


@pytest.mark.parametrize("status", Status)
async def test_every_status_has_words_for_the_team(browser: httpx.AsyncClient, status: Status) -> None:
    words = (await browser.get("/pages/app-words.js")).text
    statuses = words[words.index("  statuses: {") : words.index("  reasons: {")]
    assert re.search(rf'^    {status.value}: "[A-Za-z]', statuses, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
async def test_everything_a_page_needs_is_there(browser: httpx.AsyncClient, page: str) -> None:
    ahead, seen = [httpx.URL(f"http://here{page}")], set()
    while ahead:
        url = ahead.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = await browser.get(url)
        assert answer.status_code == 200, url
        if PurePosixPath(url.path).suffix != ".svg":
            found = [next(filter(None, match.groups())) for match in LOADED.finditer(answer.text)]
            ahead += [url.join(name) for name in found]
    assert all(url.host == "here" for url in seen)
    assert ("http://here/pages/panel-card.js" in seen) is page.startswith("/room/")
    assert len(seen) > 10


def test_nothing_is_written_inline() -> None:
    for path in STATIC.glob("*.html"):
        text = path.read_text()
        assert not re.search(r"<style|style=|\son\w+=|javascript:|<script(?![^>]*src=)", text), path.name


def test_no_script_makes_markup_of_text() -> None:
    for path in STATIC.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", path.read_text()), path


async def test_a_page_that_has_not_changed_is_not_sent_again(browser: httpx.AsyncClient) -> None:
    first = await browser.get("/pages/tokens.css")
    again = await browser.get("/pages/tokens.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr, de;q=0.5", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("de;q=0", "en"),
        ("de;q=x, ;q=, *", "en"),
        ("", "en"),
    ],
)
async def test_words_come_in_the_readers_language_where_there_is_a_translation(
    tmp_path: Path, accepted: str, language: str
) -> None:
    for name in ("app-words.js", "app-words.de.js", "panel-words.js"):
        (tmp_path / name).write_text(name)
    app = FastAPI()
    app.include_router(pages_router(tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as reader:
        headers = {"Accept-Language": accepted}
        app_words = await reader.get("/pages/app-words.js", headers=headers)
        assert app_words.text == {"de": "app-words.de.js", "en": "app-words.js"}[language]
        assert app_words.headers["vary"] == "Accept-Language"
        assert (await reader.get("/pages/panel-words.js", headers=headers)).text == "panel-words.js"


@pytest.mark.parametrize("name", ["../router.py", "..%2frouter.py", "%2e%2e/router.py", "/etc/passwd", "nothing.js"])
async def test_only_the_pages_files_are_served(browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/pages/{name}")).status_code == 404


async def test_the_front_door_leads_to_the_interviews(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/")
    assert answer.is_redirect
    assert answer.url.join(answer.headers["location"]).path == "/app"


@pytest.mark.parametrize(
    ("begins", "ends", "known"),
    [
        ("\n  consent: {", "    back: (title)", ("page-2-en", "b379a7d9")),
        ("\n    copilot: {\n      notice", "\n    shadow: {", ("page-copilot-1-en", "7c1b6699")),
        ("\n    shadow: {\n      notice", "\n  line: {", ("page-shadow-1-en", "d619e674")),
    ],
)
def test_other_words_of_the_notice_are_another_version_of_it(begins: str, ends: str, known: tuple[str, str]) -> None:
    words = (STATIC / "words.js").read_text(encoding="utf-8")
    start = words.index(begins)
    notice = words[start : words.index(ends, start)]
    version = re.search(r'notice: "([^"]+)"', notice)
    assert version is not None
    assert (version[1], hashlib.sha256(notice.encode()).hexdigest()[:8]) == known


def test_every_place_on_the_rooms_page_has_words_and_no_words_lack_a_place() -> None:
    page = (STATIC / "room.html").read_text(encoding="utf-8")
    words = (STATIC / "words.js").read_text(encoding="utf-8")
    block = words[words.index("\n  page: {") : words.index("\n  check: {")]
    named = set(re.findall(r'^    "?([a-z-]+)"?: "', block, re.MULTILINE))
    assert named <= set(re.findall(r'id="([a-z-]+)"', page))
    spoken = re.sub(r"<noscript>.*?</noscript>|<title>.*?</title>", "", page)
    assert re.findall(r">\s*([A-Za-z][^<]*)<", spoken) == ["Viva Voce"], "English that no translation would reach"


def test_the_report_pages_say_nothing_that_no_translation_would_reach() -> None:
    no_text = re.compile(r'className: "[^"]*"|^import .*|//.*|^ *[/ ]\*.*|\$\{[^}]*\}', re.MULTILINE)
    for path in STATIC.glob("report*.js"):
        if path.name != "report-words.js":
            told = re.findall(r"""["`](.*?)["`]""", no_text.sub("", path.read_text(encoding="utf-8")))
            assert [text for text in told if re.search(r"[A-Z][a-z]+ |[a-z]{2,} [a-z]{2,} |[A-Z][a-z]+$", text)] == []
