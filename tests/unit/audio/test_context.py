"""What is left of a text when the words that were known before are taken off its front."""

import pytest

from audio.context import continuation


@pytest.mark.parametrize(
    ("before", "text", "rest"),
    [
        ("So this is the corpus.", "So this is the corpus. I have a cold.", "I have a cold."),
        ("First we looked at the logs.", "looked at the logs. Then we called the team.", "Then we called the team."),
        ("It was the best of times", "It was the best of times. It was the worst.", "It was the worst."),
        ("the native country", "the native counting. The narrative is long.", "The narrative is long."),
        ("We used Postgres.", "We use Postgres. And Redis.", "And Redis."),
        ("some more words", "some more words words words", "words words"),
        ("We did it.", "We did it.", ""),
        ("Hello there.", "", None),
        ("", "Anything at all.", None),
        ("Way.", "And here is a long pause.", None),
        ("Ready to go.", "Entirely different words here.", None),
    ],
)
def test_known_words_are_taken_off(before: str, text: str, rest: str | None) -> None:
    assert continuation(before, text) == rest
