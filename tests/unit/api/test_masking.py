"""Who somebody is does not reach a rater, and what is quoted is still what was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.evaluation.masking import mask, people
from api.evaluation.transcript import Turn


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "I am Maria and I told Mr. Smith that Anna's report was late.",
            "I am [person] and I told [person] that [person]'s report was late.",
        ),
        ("She asked her, he asked him; the lady agreed.", "They asked their, they asked their; the person agreed."),
        ("I'm 24 years old, my boss is in her fifties.", "I'm [age], my boss is [age]."),
        ("I studied at Stanford and the University of York.", "I studied at [school] and [school]."),
        (
            "I live in Berlin, 12 Baker Street; write to a.b@example.org.",
            "I live in [address], [address]; write to [address].",
        ),
        (
            "After twenty years of work I will mark the end of it in May.",
            "After twenty years of work I will mark the end of it in May.",
        ),
    ],
)
def test_who_somebody_is_is_masked_and_what_they_did_is_not(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_names_that_are_words_are_masked_where_somebody_has_them() -> None:
    assert mask("Will said he will do it.", ["Will Hunter"]).text == "[person] said they will do it."
    assert mask("Will it work?").text == "Will it work?"


def test_a_transcript_tells_whom_it_is_about() -> None:
    turns = [Turn(1, "bot", "Hello Sunniva, can you hear me?", 0, 1, None, None)]
    turns.append(Turn(2, "candidate", "Yes. My manager called Odalys Grant asked me.", 1, 2, None, 0.9))
    assert people(turns) == {"Sunniva", "Odalys Grant"}


PARTS = st.sampled_from(
    ["Maria", "he", " ", ", ", "told Anna's boss", "24 years old", "Stanford", "x", "her", "é", "\n"]
)


@given(st.lists(PARTS).map("".join))
def test_every_place_of_the_masked_text_is_a_place_of_what_was_said(text: str) -> None:
    masked = mask(text)
    assert masked.original(0, len(masked.text)) == (0, len(text))
    for start, end, was_start, was_end in masked.edits:
        assert masked.original(start, end) == (was_start, was_end)
        assert masked.original(start + 1, end) == (was_start, was_end)
    kept = [at for at in range(len(masked.text)) if not any(start <= at < end for start, end, *_ in masked.edits)]
    for at in kept:
        start, end = masked.original(at, at + 1)
        assert text[start:end] == masked.text[at]
