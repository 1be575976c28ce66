"""What takes the floor from the bot and what does not."""

import pytest

from bot.bargein import BargeIn, Verdict, is_backchannel


@pytest.mark.parametrize("text", ["Mm-hmm.", "mhm", "Yeah.", "Okay, right.", "Uh-huh", "", "...", "I see.", "Genau."])
def test_signs_of_listening_do_not_take_the_floor(text: str) -> None:
    assert is_backchannel(text)
    assert BargeIn(1000, 1150).heard(text) is None


@pytest.mark.parametrize("text", ["Sorry, could you repeat that?", "No", "Yeah, but I disagree", "wait", "42"])
def test_words_take_the_floor(text: str) -> None:
    assert BargeIn(1000, 1150).heard(text) is Verdict.CONFIRMED


def test_a_cough_gives_the_floor_back_and_a_lasting_voice_keeps_it() -> None:
    cough = BargeIn(1000, 1150)
    cough.fell_silent(1300)
    assert cough.at_deadline() is Verdict.RESUMED
    assert cough.deadline_ms < 3000
    talker = BargeIn(1000, 1150)
    assert talker.at_deadline() is Verdict.CONFIRMED
    talker.fell_silent(2000)
    talker.went_on(2400)
    assert talker.at_deadline() is Verdict.CONFIRMED
    assert talker.deadline_ms > 2400
