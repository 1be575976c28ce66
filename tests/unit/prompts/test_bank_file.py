"""A bank of one's own: what is wrong with it is said with file, line and what to do."""

from pathlib import Path

import pytest

from prompts import BadFile, load_bank

GOOD = """skill: selling
name: Selling
topic: selling
category: role
about: Sells.
questions:
  - id: selling.first
    version: 1
    measures: Selling something
    text: Tell me about something you sold.
    rephrase: What did you sell?
    expects: [situation, result]
    probes:
      situation: Who bought it?
      action: How did you sell it?
      result: What did you get for it?
    anchors:
      1: Sold nothing.
      2: Sold something by chance.
      3: Sold it on purpose.
      4: Sold it on purpose and twice.
      5: Sold it and taught others to.
"""


def write(root: Path, text: str, name: str = "selling.yaml") -> Path:
    (root / "bank").mkdir(exist_ok=True)
    file = root / "bank" / name
    file.write_text(text)
    return file


def test_a_good_one_loads(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert load_bank(tmp_path).question("selling.first").minutes == 4


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("you sold.", "you sold" + " and sold" * 20 + "."), 10, "text: 46 words; at most 35"),
        (("Who bought it?", "Who" + " then" * 25 + "?"), 13, "the probe for situation has 26 words"),
        (("      action: How did you sell it?\n", ""), 13, "2 probes; write at least 3"),
        (("[situation, result]", "[situation, lesson]"), 7, "nothing to ask when lesson is missing"),
        (("[situation, result]", "[situation, mood]"), 12, "Input should be 'situation'"),
        (("      5: Sold it and taught others to.\n", ""), 17, "five levels 1, 2, 3, 4 and 5"),
        (("Sold it on purpose.", "Sold nothing."), 17, "two levels say the same"),
        (("id: selling.first", "id: buying.first"), 7, "must begin with the skill"),
        (("id: selling.first", "id: Selling First"), 7, "String should match pattern"),
        (("    version: 1\n", ""), 7, "version: Field required"),
        (("version: 1", "version: 1\n    colour: red"), 9, "colour: Extra inputs are not permitted"),
        (("category: role", "category: sport"), 4, "category: Input should be 'behavioural'"),
        (("      situation: Who", "      3: Who"), 14, "probes"),
    ],
)
def test_faulty_bank_is_named_with_line_and_reason(
    tmp_path: Path, change: tuple[str, str], line: int, says: str
) -> None:
    file = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(BadFile) as caught:
        load_bank(tmp_path)
    assert caught.value.file == str(file)
    assert says in str(caught.value)
    assert caught.value.line == line


def test_an_id_may_stand_once(tmp_path: Path) -> None:
    questions = GOOD.split("questions:\n")[1]
    write(tmp_path, GOOD + questions)
    with pytest.raises(BadFile, match=r"line 23: questions\.1\.id: 'selling\.first' stands twice"):
        load_bank(tmp_path)


def test_a_skill_has_one_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD, "selling-again.yaml")
    with pytest.raises(BadFile, match="'selling' is also the skill of"):
        load_bank(tmp_path)
