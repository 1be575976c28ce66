from pathlib import Path

import pytest

from audio import VOICE_RATE
from audio.errors import NoSoundFiles, UnreadableAudio
from audio.wav import wav_bytes
from bot.candidate import seat_of_link
from bot.candidate.answers import Answers, Clip, recorded_answers, spoken_answers, usual_phrases
from bot.errors import LinkRefused
from tests.fakes.interviewer import hum, voice
from tests.fakes.speech import ToneVoice


def test_files_are_answers_in_order_of_their_names_and_others_are_passed_over(tmp_path: Path) -> None:
    for name, seconds in (("b.wav", 0.5), ("a.wav", 0.25), ("c.WAV", 0.75)):
        (tmp_path / name).write_bytes(wav_bytes(voice(seconds), VOICE_RATE))
    (tmp_path / "notes.txt").write_text("not an answer")
    clips = recorded_answers(tmp_path)
    assert [clip.file for clip in clips] == ["a.wav", "b.wav", "c.WAV"]
    assert [round((clip.end - clip.onset) / VOICE_RATE, 2) for clip in clips] == [0.25, 0.5, 0.75]


def test_another_rate_is_brought_to_ours(tmp_path: Path) -> None:
    (tmp_path / "phone.wav").write_bytes(wav_bytes(hum(2.0, rate=8000), 8000))
    assert len(recorded_answers(tmp_path)[0].pcm) == pytest.approx(2 * VOICE_RATE, rel=0.01)


def test_a_corrupt_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "1.wav").write_bytes(wav_bytes(voice(0.5), VOICE_RATE))
    (tmp_path / "2.flac").write_bytes(b"fLaC and then rubbish" * 9)
    with pytest.raises(UnreadableAudio, match=r"2\.flac: can't be read as sound"):
        recorded_answers(tmp_path)


def test_an_empty_or_missing_folder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(NoSoundFiles, match="no sound file in this folder"):
        recorded_answers(tmp_path)
    with pytest.raises(NoSoundFiles, match="no such folder"):
        recorded_answers(tmp_path / "absent")


def test_answers_by_question_come_before_those_in_order() -> None:
    first, follow, other = (Clip.of(voice(0.1), text=text) for text in ("first", "follow", "other"))
    answers = Answers(in_order=[other], by_question={"q1": [first, follow]})
    assert answers.take("q1", 0) is first
    assert answers.take("q1", 1) is follow
    assert answers.take("q1", 2) is None
    assert answers.take("q2", 0) is other
    assert answers.take("q2", 1) is None


async def test_built_in_answers_are_spoken_beforehand_in_the_candidates_own_voice() -> None:
    tts = ToneVoice()
    answers = await spoken_answers(tts, {"q1": ["I did this."]}, ["And that."])
    phrases = await usual_phrases(tts)
    assert answers.take("q1", 0).text == "I did this."  # type: ignore[union-attr] - it is there
    assert answers.take(None, 0).text == "And that."  # type: ignore[union-attr] - it is there
    assert phrases.consent.voiced
    assert len(tts.said) == 6


def test_a_join_link_names_its_seat() -> None:
    assert seat_of_link("http://host:1/room/int_1#abc") == ("ws://host:1/room/int_1/signal", "abc")
    assert seat_of_link("https://host/voice/room/int_1#abc") == ("wss://host/voice/room/int_1/signal", "abc")


@pytest.mark.parametrize(
    "link", ["", "http://host/room/int_1", "host/room/int_1#abc", "ftp://h/room/1#a", "http://h/1#a"]
)
def test_what_is_no_join_link_is_refused(link: str) -> None:
    with pytest.raises(LinkRefused, match="no join link"):
        seat_of_link(link)
