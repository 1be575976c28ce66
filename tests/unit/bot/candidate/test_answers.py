from pathlib import Path

import pytest

from audio import VOICE_RATE
from audio.errors import NoSoundFiles, UnreadableAudio
from audio.wav import wav_bytes
from bot.candidate import seat_of_link
from bot.candidate.answers import Answers, Clip, UnplayedFile, recorded_answers, spoken_answers, usual_phrases
from bot.errors import LinkRefused
from tests.fakes.interviewer import hum, voice
from tests.fakes.speech import ToneVoice


def test_files_are_answers_in_order_of_their_names_and_others_are_passed_over(tmp_path: Path) -> None:
    for name, seconds in (("b.wav", 0.5), ("a.wav", 0.25), ("c.WAV", 0.75)):
        (tmp_path / name).write_bytes(wav_bytes(voice(seconds), VOICE_RATE))
    (tmp_path / "notes.txt").write_text("not an answer")
    answers = recorded_answers(tmp_path)
    clips = [answers.take(f"q{number}", 0, number=number) for number in (1, 2, 3)]
    assert [clip.file for clip in clips if clip] == ["a.wav", "b.wav", "c.WAV"]
    assert [round((clip.end - clip.onset) / VOICE_RATE, 2) for clip in clips if clip] == [0.25, 0.5, 0.75]
    assert answers.take("q4", 0, number=4) is None


def files(folder: Path, *names: str) -> Answers:
    for name in names:
        (folder / name).write_bytes(wav_bytes(voice(0.1), VOICE_RATE))
    return recorded_answers(folder)


def test_a_file_belongs_to_the_question_at_its_place_whatever_is_asked_besides(tmp_path: Path) -> None:
    answers = files(tmp_path, "01.wav", "02.wav", "02b.wav", "02c.wav", "03.wav")
    asked = [("q1", 0, 1), ("q1", 1, 1), ("q2", 0, 2), ("q2", 1, 2), ("q2", 2, 2), ("q2", 3, 2), ("q3", 0, 3)]
    clips = [answers.take(question, nth, number=number) for question, nth, number in asked]
    names = [clip.file if clip else None for clip in clips]
    assert names == ["01.wav", None, "02.wav", "02b.wav", "02c.wav", None, "03.wav"]
    assert answers.unplayed() == ()


def test_a_letter_after_a_number_makes_a_follow_up_only_next_to_the_answer_it_follows(tmp_path: Path) -> None:
    answers = files(tmp_path, "1a.wav", "1b.wav", "team.wav", "teams.wav")
    assert [one.number for one in answers.unplayed()] == [1, 2, 3, 4]


def test_files_that_nobody_asked_for_are_named(tmp_path: Path) -> None:
    answers = files(tmp_path, "01.wav", "01b.wav", "02.wav", "03.wav")
    answers.take("q1", 0, number=1)
    answers.take("q3", 0, number=3)
    assert answers.unplayed() == (UnplayedFile("01b.wav", 1, 1), UnplayedFile("02.wav", 2, 0))


def test_another_rate_is_brought_to_ours(tmp_path: Path) -> None:
    (tmp_path / "phone.wav").write_bytes(wav_bytes(hum(2.0, rate=8000), 8000))
    clip = recorded_answers(tmp_path).take("q1", 0, number=1)
    assert clip is not None
    assert len(clip.pcm) == pytest.approx(2 * VOICE_RATE, rel=0.01)


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
