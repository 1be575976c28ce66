"""`vivavoce draft`: what it prints, what it writes, and that the file is a plan the demo takes."""

import json
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from api.cli import main
from api.cli.draft import draft
from api.demo.run import plan_of
from bot.plan import Plan


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(("draft", *words))
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


@pytest.mark.parametrize("name", ["plan.yaml", "plan.json"])
def test_the_file_is_the_plan_that_was_drafted(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("Senior data analyst, SQL", "--out", str(tmp_path / name), "--json", capsys=capsys)
    assert code == 0 and name in err
    drafted = json.loads(out)
    assert drafted["engine"] == "structured"
    assert plan_of(tmp_path / name) == Plan.model_validate(drafted["plan"])


def test_it_is_read_from_a_file_and_from_standard_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = tmp_path / "job.txt"
    job.write_text("Project manager\nYou lead projects.", encoding="utf-8")
    from_file = run(str(job), "--yaml", capsys=capsys)[1]
    assert yaml.safe_load(from_file)["title"] == "Project manager"
    program = typer.Typer()
    program.command()(draft)
    piped = CliRunner().invoke(program, ["-", "--yaml"], input=job.read_text(encoding="utf-8"))
    assert piped.stdout == from_file


def test_a_person_can_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("A product manager", "--minutes", "20", "--rapport", "--questions", "3", capsys=capsys)
    assert code == 0
    assert out.startswith("Product manager · any level · 20 minutes · 3 questions")
    for part in ("What is judged", "Product discovery", "probe", "weak", "moderate", "strong", "(not judged)"):
        assert part in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nurse", "--style", "gossip"], "style"),
        (["nurse", "--seniority", "wizard"], "seniority"),
        (["nurse", "--out", "/nowhere/plan.yaml"], "there is no folder"),
        (["x" * 20_001], "longer than 20000"),
        ([""], "prompt"),
    ],
)
def test_what_cannot_be_is_refused(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(*words, capsys=capsys)
    assert code == 2 and out == "" and says in err
