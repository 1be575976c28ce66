"""Invented text goes, said text stays."""

import pytest

from audio.stt.filters import Dropped, checked, cut_loop


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        ("And so my fellow Americans. And so my fellow Americans.", "And so my fellow Americans."),
        ("I moved it to Redis, I moved it to Redis", "I moved it to Redis,"),
        ("It was the one who's the one who's the one who's the", "It was the one who's"),
        ("We shipped it. We shipped it on time", "We shipped it. We shipped it on time"),
        ("No, no, that was not me", "No, no, that was not me"),
        ("very very good", "very very good"),
        ("Yes. Yes.", "Yes. Yes."),
        ("the first one and the second one and the third one", "the first one and the second one and the third one"),
        ("A colleague and a colleague and a colleague and a colleague and I differed", "a colleague and I differed"),
        ("So I said, I did it. I did it. I did it. And that was it.", "So I said, I did it. And that was it."),
        ("I did it, I did it, and they saw it", "I did it, I did it, and they saw it"),
        ("more words words words words words and that is all", "more words words words words words and that is all"),
        ("", ""),
    ],
)
def test_a_phrase_said_again_to_the_very_end_or_over_and_over_is_cut_and_nothing_else(heard: str, left: str) -> None:
    assert cut_loop(heard) == left


def test_a_long_answer_without_a_loop_is_left_alone_quickly() -> None:
    answer = " ".join(f"word{number % 97} part{number}" for number in range(150))
    assert cut_loop(answer) == answer


@pytest.mark.parametrize("text", ["I'm going to go to the bathroom.", "you", "This is a very interesting video."])
def test_words_on_noise_are_dropped_when_the_model_doubts_both_the_speech_and_the_words(text: str) -> None:
    assert checked(text, no_speech=0.82, avg_logprob=-1.7) == ("", Dropped.SILENCE)


def test_doubt_about_the_speech_alone_drops_nothing() -> None:
    assert checked("by sweet self too cruel", no_speech=0.55, avg_logprob=-0.54) == ("by sweet self too cruel", None)


def test_unlikely_words_alone_drop_nothing() -> None:
    assert checked("Kubernetes etcd", no_speech=0.1, avg_logprob=-1.6) == ("Kubernetes etcd", None)


@pytest.mark.parametrize(
    "text", ["Thank you.", "you", "[Music]", "Thanks for watching!", "ご視聴ありがとうございました"]
)
def test_subtitle_phrases_on_hiss_are_dropped_although_they_score_well(text: str) -> None:
    assert checked(text, no_speech=0.77, avg_logprob=-0.7) == ("", Dropped.INVENTED)


@pytest.mark.parametrize("text", ["Thank you.", "Bye."])
def test_the_same_phrases_stay_when_somebody_spoke(text: str) -> None:
    assert checked(text, no_speech=0.05, avg_logprob=-0.4) == (text, None)


def test_a_loop_on_near_silence_leaves_nothing() -> None:
    loop = "You're the one who's the one who's the one who's the one"
    assert checked(loop, no_speech=0.79, avg_logprob=-0.62) == ("", Dropped.LOOP)


def test_a_loop_behind_real_speech_leaves_the_speech() -> None:
    assert checked(" Ask not what. Ask not what.", no_speech=0.05, avg_logprob=-0.2) == ("Ask not what.", None)
