"""Off-limits files: a faulty one is refused with its place."""

from pathlib import Path

import pytest

from prompts import BadFile, NotFound, grounds_languages, load_off_limits
from prompts.files import package

ENGLISH = (package() / "off_limits" / "en.yaml").read_text(encoding="utf-8")


def test_every_language_that_is_spoken_has_its_file() -> None:
    assert grounds_languages() == ("de", "en", "es", "fr")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(NotFound, match="'it'"):
        load_off_limits("it")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("  - your [own/", "  - thy [own/", None),
        ("      - how old are/were you\n", "      - how (old) are you\n", "no word"),
        ("      - how old are/were you\n", "      - <nobody> are you\n", "no list 'nobody'"),
        ("      - how old are/were you\n", "      - '[how] old'\n", "must begin with a word"),
        ("      - how old are/were you\n", "      - a* you\n", "three letters"),
        ("      - how old are/were you\n", "      - your {}\n", "in frames"),
        ("  age:\n", "  ages:\n", "ages"),
        ("    reason: Age is protected", "    because: Age is protected", "age"),
    ],
)
def test_a_phrase_that_can_not_be_read_is_refused(tmp_path: Path, right: str, wrong: str, told: str | None) -> None:
    folder = tmp_path / "off_limits"
    folder.mkdir()
    assert right in ENGLISH
    (folder / "en.yaml").write_text(ENGLISH.replace(right, wrong, 1), encoding="utf-8")
    if told is None:
        assert load_off_limits("en", tmp_path).frames[0].startswith("thy")
        return
    with pytest.raises(BadFile, match=r"en\.yaml, line \d+") as caught:
        load_off_limits("en", tmp_path)
    assert told in str(caught.value)
