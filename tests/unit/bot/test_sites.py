"""Which site a meeting's address belongs to, and that what is known of a site is whole."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.platforms import platform_for
from bot.platforms.browser.sites import SITES, Sign, load_site, site_of
from bot.spec import Meeting
from bot.state import EndReason
from tests.running_host import spec_of

SIMULATED = {"http://127.0.0.1:8090": "meet"}


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
    assert site_of(url, SIMULATED) == "meet"


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
    assert site_of(url, SIMULATED) is None


@pytest.mark.parametrize("name", SITES)
def test_every_site_tells_its_endings_apart(name: str) -> None:
    site = load_site(name)
    assert site_of(site.example, {}) == name
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


def test_a_bot_for_our_room_needs_no_browser(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    assert repr(platform_for(spec)).startswith("<module 'bot.platforms.room'")
    meeting = Meeting(url="https://meet.google.com/abc-defg-hij", site="meet", evidence=tmp_path / "seen")
    elsewhere = platform_for(spec.model_copy(update={"meeting": meeting}))
    assert repr(elsewhere).startswith("<module 'bot.platforms.browser'")
