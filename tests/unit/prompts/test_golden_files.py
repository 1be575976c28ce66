"""Golden interviews are checked when they are read: what is faulty is refused by its file and line."""

from pathlib import Path

import pytest

from prompts import BadFile, NotFound, golden_roles, load_golden

PLAN = """
title: Baker
criteria: [{id: craft, name: Craft, anchors: {1: Burns it., 3: Bakes it.}}]
sections: [{id: main, name: Main, questions: [{id: bread, text: How do you bake?, criteria: [craft]}]}]
"""
TRANSCRIPT = """\
role: baker
level: STRENGTH
candidate: {name: Rosa Pane, gender: female}
turns:
  - {role: bot, question: bread, text: How do you bake?}
  - {role: candidate, question: bread, text: "I bake it for forty minutes.", pause: 2, confidence: 0.5}
expected:
  - criterion: craft
    level: 3
    why: bakes it
    evidence: [{turn: 1, quote: forty minutes}]
"""


def written(root: Path, old: str = "", new: str = "") -> Path:
    folder = root / "golden" / "baker"
    folder.mkdir(parents=True)
    (folder / "plan.yaml").write_text(PLAN)
    for strength in ("strong", "middling", "weak"):
        (folder / f"{strength}.yaml").write_text(TRANSCRIPT.replace("STRENGTH", strength).replace(old, new))
    return root


def test_times_follow_from_words_and_pauses(tmp_path: Path) -> None:
    one = load_golden("baker", root=written(tmp_path))[0]
    bot, candidate = one.turns
    assert (bot["start_ms"], bot["end_ms"]) == (600, 600 + 1600)  # four words at 150 a minute
    assert (candidate["start_ms"], candidate["end_ms"], candidate["confidence"]) == (4200, 6600, 0.5)
    assert (one.strength, one.candidate, one.expected[0].level) == ("strong", "Rosa Pane", 3)


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("role: baker", "role: cook", 1, "must be 'baker'"),
        ("level: strong", "level: weak", 2, "must be 'strong'"),
        ("question: bread, text: How", "question: cake, text: How", 5, "no question 'cake'"),
        ("criterion: craft", "criterion: taste", 7, "each criterion of the plan once"),
        ("level: 3", "level: 6", 9, ""),
        ("quote: forty minutes", "quote: fifty minutes", 11, "does not hold these words"),
        ("turn: 1", "turn: 0", 11, "none of the candidate's"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, told: str) -> None:
    with pytest.raises(BadFile) as refusal:
        load_golden("baker", root=written(tmp_path, old, new))
    assert refusal.value.line == line and told in refusal.value.detail
    assert refusal.value.file.endswith("strong.yaml")


def test_there_are_eight_roles_and_an_unknown_one_says_which() -> None:
    assert len(golden_roles()) == 8
    with pytest.raises(NotFound, match="data-analyst"):
        load_golden("astronaut")
