"""The weights are the published ones or they are refused, by name."""

from pathlib import Path

import pytest

from audio.errors import ModelDigestMismatch, ModelMissing
from audio.models import DIGESTS, locate, packaged_digests


def test_the_packages_hold_the_published_files() -> None:
    found = packaged_digests()
    assert found == DIGESTS
    assert found["model.bin"].startswith("d01c3014")


def test_the_default_is_put_together_once_and_used_again(tmp_path: Path) -> None:
    folder = locate("base", tmp_path)
    assert {file.name for file in folder.iterdir()} == set(DIGESTS)
    assert (folder / "model.bin").stat().st_size == 145_217_532
    written = (folder / "model.bin").stat().st_mtime_ns
    assert locate("base", tmp_path) == folder
    assert (folder / "model.bin").stat().st_mtime_ns == written


def test_a_changed_file_is_refused_by_name_and_not_repaired_behind_ones_back(tmp_path: Path) -> None:
    folder = locate("base", tmp_path)
    weights = folder / "model.bin"
    with weights.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"tampered")
    with pytest.raises(ModelDigestMismatch, match=r"model\.bin.*d01c3014.*delete the file") as caught:
        locate("base", tmp_path)
    assert caught.value.file == str(weights)
    assert caught.value.expected == DIGESTS["model.bin"]
    weights.unlink()
    assert locate("base", tmp_path) == folder


def test_an_interrupted_assembly_leaves_nothing_that_is_taken_for_a_model(tmp_path: Path) -> None:
    folder = tmp_path / "whisper-base"
    folder.mkdir()
    (folder / ".model.bin.4711").write_bytes(b"half")
    assert (locate("base", tmp_path) / "model.bin").stat().st_size == 145_217_532


def test_a_folder_of_ones_own_is_used_as_it_is(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (tmp_path / name).write_text("mine")
    assert locate(str(tmp_path)) == tmp_path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("./no-such-folder", "not a folder"),
        ("/no/such/folder", "not a folder"),
        ("enormous", "neither a folder nor a known size; sizes: tiny"),
    ],
)
def test_a_model_that_is_nowhere_is_named(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=says):
        locate(name, tmp_path)


def test_an_incomplete_folder_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_text("weights")
    with pytest.raises(ModelMissing, match=r"lacks config\.json, tokenizer\.json, vocabulary\.txt or vocabulary\.json"):
        locate(str(tmp_path))
