"""Which site a meeting's address belongs to, and that what is known of a site is whole."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import MeetingRefused
from bot.platforms.browser.sites import Sign, load_site
from bot.platforms.registry import platform_for, platform_of, platforms
from bot.spec import Meeting
from bot.state import EndReason
from tests.running_host import spec_of

SIMULATED = {"meet": ("http://127.0.0.1:8090",)}
SITES = ("meet",)


@pytest.mark.parametrize(
    "url",
    [
        "https://meet.google.com/abc-defg-hij",
        "https://meet.google.com:443/abc-defg-hij?authuser=1#x",
        "https://MEET.google.com/abcdefghij",
        "http://127.0.0.1:8090/abc-defg-hij",
    ],
)
def test_an_address_of_a_meeting_is_known(url: str) -> None:
    assert platform_of(url, SIMULATED) == "meet"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "meet.google.com/abc-defg-hij",
        "http://meet.google.com/abc-defg-hij",
        "https://meet.google.com:8443/abc-defg-hij",
        "https://meet.google.com:many/abc-defg-hij",
        "https://ada@meet.google.com/abc-defg-hij",
        "https://ada:secret@127.0.0.1:8090/abc-defg-hij",
        "https://meet.google.com@example.com/abc-defg-hij",
        "https://meet.google.com/abc-defg-hij/../../evil",
        "https://meet.google.com/abc-defg-hij\n",
        "https://example.com\\\\@meet.google.com/abc-defg-hij",
        "https://example.com/abc-defg-hij",
        "https://127.0.0.1:8090/abc-defg-hij",
        "http://127.0.0.1:8091/abc-defg-hij",
        "file:///abc-defg-hij",
        "https://[::1/abc-defg-hij",
        "https://meet.google.com/abc-defg-hij?" + "x" * 2000,
    ],
)
def test_any_other_address_is_not(url: str) -> None:
    assert platform_of(url, SIMULATED) is None


@pytest.mark.parametrize("name", SITES)
def test_every_site_tells_its_endings_apart(name: str) -> None:
    site = load_site(name)
    assert platform_of(site.example, {}) == name
    assert platforms()[name].title == site.name
    before, after = ({sign.is_ for sign in signs} for signs in (site.before, site.after))
    assert before >= {
        *(EndReason.MEETING_NOT_FOUND, EndReason.SIGN_IN_REQUIRED, EndReason.ADMISSION_DENIED),
        *(EndReason.LOBBY_TIMEOUT, "waiting_room", "in_call"),
    }
    assert after >= {EndReason.REMOVED_FROM_MEETING, EndReason.MEETING_ENDED}
    order = [sign.is_ for sign in site.before]
    assert order.index("waiting_room") < order.index("in_call"), "a lobby that shows a face is still a lobby"
    for sign in (*site.before, *site.after):
        assert sign.words or sign.selectors or sign.hosts
        assert all(words == words.lower() and "’" not in words for words in sign.words), "as the page is read"


def test_a_standing_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="neither a place in a meeting"):
        Sign.model_validate({"is": "in_the_garden", "words": ["hello"]})


def test_a_bot_goes_where_its_spec_says(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    assert repr(platform_for(spec)).startswith("<module 'bot.platforms.room'")
    meeting = Meeting(url="https://meet.google.com/abc-defg-hij", platform="meet", evidence=tmp_path / "seen")
    assert platform_for(spec.model_copy(update={"meeting": meeting})) is platforms()["meet"]
    unknown = meeting.model_copy(update={"platform": "pigeons"})
    with pytest.raises(MeetingRefused, match=r"no platform 'pigeons' is installed .* installed: .*meet") as refused:
        platform_for(spec.model_copy(update={"meeting": unknown}))
    assert refused.value.code == "meeting_unreachable"


def test_a_platform_of_somebody_else_is_found_and_a_broken_one_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "pigeons-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[vivavoce.platforms]\npigeons = pigeons_post:POST\nlost = pigeons_post:GONE\n"
    )
    (tmp_path / "pigeons_post.py").write_text(
        "class Post:\n"
        "    title, example = 'Pigeons', 'pigeon://loft/7'\n"
        "    def takes(self, address, places):\n"
        "        return address.scheme == 'pigeon' and address.netloc in places\n"
        "POST = Post()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    platforms.cache_clear()
    try:
        assert {"meet", "pigeons"} <= set(platforms())
        assert "lost" not in platforms()
        assert platform_of("pigeon://loft/7", {"pigeons": ("loft",)}) == "pigeons"
        assert platform_of("pigeon://loft/7", {}) is None
    finally:
        platforms.cache_clear()
