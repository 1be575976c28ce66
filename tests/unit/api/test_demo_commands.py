"""What the commands say and how they exit when they are given something that can't be used."""

from pathlib import Path

import pytest

from api.cli import main
from api.cli.failures import leaves
from audio import VOICE_RATE
from audio.wav import wav_bytes
from tests.fakes.interviewer import voice

LINK = "http://127.0.0.1:9/room/int_1#token"


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that must exit with 2; return what it said on standard error."""
    with pytest.raises(SystemExit) as exited:
        main(words)
    told = capsys.readouterr()
    assert exited.value.code == 2
    assert "Traceback" not in told.err
    assert told.out == ""
    return told.err


@pytest.fixture
def one_bad(tmp_path: Path) -> Path:
    """A folder whose second answer is no sound file."""
    (tmp_path / "01.wav").write_bytes(wav_bytes(voice(0.5), VOICE_RATE))
    (tmp_path / "02.wav").write_bytes(b"RIFF\x10\x00\x00\x00WAVEjunk")
    return tmp_path


@pytest.mark.parametrize("command", [("demo",), ("candidate", LINK)])
def test_a_corrupt_answer_is_named_before_anything_is_started(
    capsys: pytest.CaptureFixture[str], one_bad: Path, command: tuple[str, ...]
) -> None:
    told = refused(capsys, *command, "--answers", str(one_bad))
    assert "02.wav: can't be read as sound" in told
    assert "Errno" not in told and "<none>" not in told


@pytest.mark.parametrize("command", [("demo",), ("candidate", LINK)])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("empty", "there is no sound file in"),
        ("absent", "there is no such folder"),
        ("file", "is a file, not a folder"),
    ],
)
def test_a_folder_without_answers_is_told_as_what_it_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...], name: str, why: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    told = refused(capsys, *command, "--answers", str(tmp_path / name))
    assert told.startswith(f"{tmp_path / name}: {why}")
    assert "can't be read as sound" not in told


def test_a_plan_that_is_wrong_is_told_with_its_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("title: T\nsections: []\n")
    told = refused(capsys, "demo", "--plan", str(plan), "--out", str(tmp_path / "out"))
    assert "plan.yaml is not a plan" in told
    assert "sections: must have at least 1" in told


def test_brackets_in_a_plan_are_told_as_they_stand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "title: T\nsections:\n  - {id: s, name: s, questions: [{id: q, text: Why?, criteria: ['[bold]x']}]}\n"
    )
    told = refused(capsys, "demo", "--plan", str(tmp_path / "[red]absent.yaml"))
    assert "[red]absent.yaml" in told
    assert "sections.0.questions.0.criteria.0: must be 1 to 64" in refused(capsys, "demo", "--plan", str(plan))


def test_a_plan_in_a_language_that_is_not_spoken_is_refused_once_and_before_anything_starts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "title: T\nlanguage: tr\nsections:\n  - {id: s, name: s, questions: [{id: q, text: Nasılsınız?}]}\n"
    )
    told = refused(capsys, "demo", "--plan", str(plan), "--out", str(tmp_path / "out"))
    assert told.count("the bot does not speak 'tr'") == 1
    assert "choose one of de, en, es, fr" in told
    assert not (tmp_path / "out").exists()


def test_a_plan_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "absent.yaml" in refused(capsys, "demo", "--plan", str(tmp_path / "absent.yaml"))


def test_what_is_no_join_link_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "http://HOST/room/ID#TOKEN" in refused(capsys, "candidate", "http://127.0.0.1:9/room/int_1")


def test_a_file_for_what_is_heard_must_be_a_sound_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "ends in one of .wav, .flac, .ogg, .opus" in refused(
        capsys, "candidate", LINK, "--heard", str(tmp_path / "heard.txt")
    )


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        (("candidate", LINK, "--heard"), "nowhere/heard.wav"),
        (("bench", "speech", "--json"), "nowhere/figures.json"),
        (("bench", "speech", "--json"), "."),
        (("demo", "--out"), "a-file"),
        (("demo", "--out"), "a-file/out"),
        (("token", "--tenant", "acme", "--data-dir"), "a-file"),
    ],
)
def test_a_place_that_can_not_be_written_is_told_in_one_sentence_before_anything_starts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...], wrong: str
) -> None:
    (tmp_path / "a-file").write_text("")
    place = tmp_path / wrong
    told = refused(capsys, *command, str(place))
    assert told.count("\n") == 1
    assert f"{command[-1]} {place}: " in told
    assert "folder" in told


def test_a_file_that_can_not_be_opened_is_told_by_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    told = refused(capsys, "token", "--tenant", "acme", "--data-dir", str(tmp_path))
    assert told == f"vivavoce: {tmp_path / 'secret'}: Is a directory\n"


def test_an_unknown_benchmark_is_told_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "bench", "nonsense")
    assert "no benchmark nonsense" in told
    assert "call" in told


def test_errors_are_found_in_groups_of_any_depth() -> None:
    one, two = ValueError("one"), OSError("two")
    assert leaves(ExceptionGroup("outer", [one, ExceptionGroup("inner", [two])])) == [one, two]
