"""A text is cut where a speaker would breathe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.tts.sentences import opening, sentences


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("I met Dr. Smith and Mrs. Jones. They left.", ["I met Dr. Smith and Mrs. Jones.", "They left."]),
        ("It grew by 3.5 percent. Good.", ["It grew by 3.5 percent.", "Good."]),
        ("Version 1.2.3 is out. Use it.", ["Version 1.2.3 is out.", "Use it."]),
        ("Name a store, e.g. Redis, i.e. a fast one. Why?", ["Name a store, e.g. Redis, i.e. a fast one.", "Why?"]),
        ("I said no. Then I left.", ["I said no.", "Then I left."]),
        ("No. 5 is alive. Really.", ["No. 5 is alive.", "Really."]),
        ("J. K. Rowling wrote it. Yes.", ["J. K. Rowling wrote it.", "Yes."]),
        ("It was late... and dark. We went on.", ["It was late... and dark.", "We went on."]),
        ("Wait... What?!", ["Wait...", "What?!"]),
        ('"Really?" she asked. "Yes."', ['"Really?" she asked.', '"Yes."']),
        ("He said (quietly.) Then he left.", ["He said (quietly.)", "Then he left."]),
        ("First line\nSecond line\n\nThird", ["First line", "Second line", "Third"]),
        ("Was ist z.B. das? Ein Test.", ["Was ist z.B. das?", "Ein Test."]),
        ("你好。今天怎么样？好！", ["你好。", "今天怎么样？", "好！"]),
        ("नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
        ("كيف حالك؟ بخير.", ["كيف حالك؟", "بخير."]),
        ("¿Qué tal? Muy bien.", ["¿Qué tal?", "Muy bien."]),
        ("no mark at the end", ["no mark at the end"]),
        ("... !!! \n —", []),
        ("", []),
    ],
)
def test_sentences(text: str, cut: list[str]) -> None:
    assert sentences(text) == cut


@given(st.text(alphabet=st.sampled_from("ab Z.!?…,3\n\"'()。 "), max_size=80))
def test_no_letter_is_lost_or_moved(text: str) -> None:
    said = "".join("".join(sentences(text)).split())
    letters = [character for character in text if character.isalnum()]
    assert [character for character in said if character.isalnum()] == letters


def test_a_long_sentence_begins_with_its_first_clause() -> None:
    question = (
        "Could you tell me about a time when you decided under pressure, what the options were, and how you chose?"
    )
    head, rest = opening(question)
    assert head == "Could you tell me about a time when you decided under pressure,"
    assert f"{head} {rest}" == question


@pytest.mark.parametrize(
    "sentence",
    [
        "Short, but with a comma.",
        "This one goes on for quite a while without any mark at which a speaker could take the slightest breath.",
        "Ada, this is one of those sentences that only name somebody and then go on without any further pause in it.",
    ],
)
def test_other_sentences_stay_whole(sentence: str) -> None:
    assert opening(sentence) == (sentence, "")
