"""How long a silence must last, given the words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.endpoint import PRESETS, PauseHabit, Reading, read, wait_ms


@pytest.mark.parametrize(
    "text",
    [
        "I built the billing service.",
        "Yes.",
        "Yes, I have.",
        "That's what I did.",
        "Could you repeat that?",
        "It was great!",
        'He said "no."',
        "And what is it like?",
        "Das habe ich gemacht.",
    ],
)
def test_whole_sentences_sound_finished(text: str) -> None:
    assert read(text) is Reading.FINISHED


@pytest.mark.parametrize(
    "text",
    [
        "I built the",
        "I built the.",
        "We moved it because",
        "We moved it because...",
        "So.",
        "Well,",
        "And then I was, um",
        "It depends on",
        "We chose Postgres and.",
        "Ich habe das gemacht, weil",
    ],
)
def test_words_that_want_more_hang(text: str) -> None:
    assert read(text) is Reading.HANGING


@pytest.mark.parametrize(
    "text", ["", "I was thinking", "We had three servers,", "In my last job...", "It took long, so."]
)
def test_the_rest_is_unsure(text: str) -> None:
    assert read(text) is Reading.UNSURE


@pytest.mark.parametrize("patience", PRESETS)
def test_the_less_finished_the_longer(patience: str) -> None:
    settings = PRESETS[patience]
    finished, unsure, hanging = (wait_ms(settings, text) for text in ("I did it.", "I did it", "I did the"))
    assert finished < unsure < hanging <= settings.longest
    assert wait_ms(settings, None) == unsure


def test_patience_grows_from_brief_to_long() -> None:
    for text in ("I did it.", "I did it", "I did the"):
        waits = [wait_ms(PRESETS[name], text) for name in ("brief", "normal", "long")]
        assert waits == sorted(waits) and len(set(waits)) == 3


def test_an_ordinary_answer_is_taken_within_450_ms() -> None:
    assert wait_ms(PRESETS["normal"], "I led the migration.") <= 450


@given(
    st.sampled_from(sorted(PRESETS)),
    st.none() | st.text(max_size=60),
    st.none() | st.floats(0, 1),
    st.floats(1, 1.5),
)
def test_whatever_is_said_the_wait_stays_in_its_bounds(
    patience: str, text: str | None, chance: float | None, stretch: float
) -> None:
    settings = PRESETS[patience]
    wait = wait_ms(settings, text, turn_probability=chance, stretch=stretch)
    assert settings.finished <= wait <= settings.longest


def test_a_turn_model_moves_the_wait_and_never_decides() -> None:
    settings = PRESETS["normal"]
    assert wait_ms(settings, "I did it.", turn_probability=0.05) > wait_ms(settings, "I did it.")
    assert wait_ms(settings, "I did it", turn_probability=0.95) < wait_ms(settings, "I did it")
    assert wait_ms(settings, "I did the", turn_probability=0.99) == wait_ms(settings, "I did the")


def test_somebody_who_pauses_long_gets_more_room() -> None:
    habit = PauseHabit()
    assert habit.stretch == 1.0
    for _ in range(4):
        habit.went_on_after(900)
    assert habit.stretch == 1.5
    for _ in range(20):
        habit.went_on_after(250)
    assert habit.stretch == 1.0
    settings = PRESETS["normal"]
    assert wait_ms(settings, "I was", stretch=1.4) > wait_ms(settings, "I was")
    assert wait_ms(settings, "I was there.", stretch=1.5) <= 520


def test_somebody_who_was_cut_short_gets_more_room_at_once() -> None:
    habit = PauseHabit()
    habit.cut_at(700)
    assert habit.stretch == pytest.approx(1.4)


def test_a_partial_answer_gets_room_for_its_next_sentence() -> None:
    for settings in PRESETS.values():
        whole, partial = (wait_ms(settings, "We moved it.", whole=whole) for whole in (True, False))
        assert whole < partial < settings.unsure
    settings = PRESETS["normal"]
    assert wait_ms(settings, "We moved it and", whole=False) == wait_ms(settings, "We moved it and", whole=True)
