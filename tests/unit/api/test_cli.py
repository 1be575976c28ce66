"""The command line: what it prints where, and with which exit code."""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest

from api.auth import Tokens, signing_secret
from api.cli import COMMANDS, main
from api.errors import Unauthorised


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(words)
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("--help", capsys=capsys)
    assert code == 0
    assert [name for name in COMMANDS if name not in out] == []


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    heavy = ("numpy", "openai", "sqlalchemy", "fastapi", "onnxruntime", "aiortc", "rich.console")
    program = (
        "import sys\nfrom api.cli import main\n"
        "try: main(['token', '--help'])\n"
        f"finally: print([name for name in {heavy[:-1]!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "--tenant" in done.stdout
    assert done.stderr.strip() == "[]"


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("sing", capsys=capsys)
    assert code == 2 and "sing" in err


def test_a_token_is_all_that_is_printed_and_says_what_it_allows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signing_secret(tmp_path / "secret")
    code, out, err = run(
        *("token", "--data-dir", str(tmp_path), "--tenant", "acme", "--scopes", "interview:read,job:create"),
        *("--ttl", "30m"),
        capsys=capsys,
    )
    assert code == 0 and err == ""
    token = out.strip()
    assert out == f"{token}\n"
    caller = Tokens(signing_secret(tmp_path / "secret")).caller(token)
    assert caller.tenant == "acme" and caller.scopes == {"interview:read", "job:create"}
    expires = jwt.decode(token, options={"verify_signature": False})["exp"]
    assert 29 * 60 < expires - datetime.now(UTC).timestamp() <= 30 * 60


def test_a_token_of_another_data_directory_opens_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = run("token", "--data-dir", str(tmp_path / "a"), "--tenant", "acme", capsys=capsys)
    assert "no server has run" in err
    with pytest.raises(Unauthorised):
        Tokens(signing_secret(tmp_path / "b" / "secret")).caller(out.strip())


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--ttl", "soon"),
        ("--ttl", "0h"),
        ("--ttl", "-1h"),
        ("--ttl", "366d"),
        ("--ttl", "999999d"),
        ("--scopes", "everything"),
        ("--scopes", "interviews:read interviews:raed"),
        ("--scopes", " "),
        ("--tenant", ""),
    ],
)
def test_a_token_option_that_makes_no_sense_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    code, out, err = run(*("token", "--data-dir", str(tmp_path), "--tenant", "acme", option, value), capsys=capsys)
    assert (code, out) == (2, "")
    assert option in err


def test_an_unknown_scope_is_refused_with_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, err = run("token", "--data-dir", str(tmp_path), "--tenant", "a", "--scopes", "bots:write", capsys=capsys)
    told = " ".join(err.replace("│", " ").split())
    assert "unknown: bots:write; there is *, agent:create," in told and "role:recruiter" in told


def test_a_token_for_a_whole_year_can_be_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("token", "--data-dir", str(tmp_path), "--tenant", "acme", "--ttl", "365d", capsys=capsys)
    assert code == 0 and out


def test_doctor_says_what_is_there_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("doctor", "--json", "--data-dir", str(tmp_path / "data"), capsys=capsys)
    report = json.loads(out)
    findings = {finding["name"]: finding for finding in report["checks"]}
    assert {"python", "packages", "speech to text", "opus", "port", "data directory", "microphones"} <= findings.keys()
    assert "4 files as published" in findings["speech to text"]["found"]
    assert all(finding["todo"] for finding in report["checks"] if finding["state"] != "ok")
    assert (code == 0) == report["ok"]
    assert not (tmp_path / "data").exists()


def test_doctor_refuses_a_data_directory_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("")
    code, out, _ = run("doctor", "--json", "--data-dir", str(tmp_path / "data"), capsys=capsys)
    [finding] = [finding for finding in json.loads(out)["checks"] if finding["name"] == "data directory"]
    assert (code, finding["state"]) == (1, "missing")


def test_doctor_names_the_file_that_was_damaged_after_it_was_put_together(tmp_path: Path) -> None:
    damaged = tmp_path / "vivavoce" / "models" / "whisper-base" / "tokenizer.json"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{}")
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "doctor", "--json", "--data-dir", str(tmp_path / "data")],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    [finding] = [each for each in json.loads(done.stdout)["checks"] if each["name"] == "model folder"]
    assert finding["state"] == "missing"
    assert str(damaged) in finding["found"] and "delete that file" in finding["todo"]


def test_a_wrong_setting_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "doctor", "--data-dir", str(tmp_path)],
        env={"EVENT_BUS_URL": "carrier-pigeon://coop", "PATH": ""},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("vivavoce: EVENT_BUS_URL") and "Traceback" not in done.stderr


def test_an_audit_trail_is_verified_and_the_first_event_that_was_changed_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--data-dir", str(tmp_path))
    code, _, err = run("audit", "verify", *where, capsys=capsys)
    assert code == 1 and "vivavoce db upgrade" in err
    run("db", "upgrade", *where, capsys=capsys)
    assert run("audit", "verify", *where, capsys=capsys)[:2] == (0, "there are no events yet\n")
    with sqlite3.connect(tmp_path / "vivavoce.db") as file:
        file.execute(
            "INSERT INTO audit_event VALUES ('aud_1', 'acme', '2026-01-01 00:00:00', 'ann', 'key.created', 'key_1',"
            " 1, 'x', 'y')"
        )
    code, out, err = run("audit", "verify", *where, capsys=capsys)
    assert (code, err) == (1, "") and out.startswith("acme: event 1 was changed (aud_1: key.created by ann)")
    file.close()
    assert run("audit", "verify", "--seen", "1:x", *where, capsys=capsys)[0] == 2
