"""What every storage keeps to, a folder of this machine or a bucket."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.errors import StorageError
from orchestrator.storage import Storage, open_storage
from tests.running_s3 import new_bucket, running_s3

SOUND = bytes(range(256)) * 30_000  # 7.7 MB: more than one part of an upload


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    with running_s3() as env:
        yield env


@pytest.fixture(params=["folder", "bucket"])
def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3: dict[str, str]
) -> Storage:
    if request.param == "folder":
        return open_storage(None, tmp_path / "data")
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    return open_storage(new_bucket(s3), tmp_path)


async def test_what_is_put_is_there_whole_and_in_parts_until_it_is_removed(storage: Storage, tmp_path: Path) -> None:
    (sound := tmp_path / "sound").write_bytes(SOUND)
    await storage.put("recordings/at_1.ogg", sound)
    assert await storage.size("recordings/at_1.ogg") == len(SOUND)
    assert b"".join([piece async for piece in storage.pieces("recordings/at_1.ogg", 10, 300_000)]) == SOUND[10:300_000]
    assert await storage.fetch("recordings/at_1.ogg", tmp_path / "back") is True
    assert (tmp_path / "back").read_bytes() == SOUND
    await storage.delete("recordings/at_1.ogg")
    await storage.delete("recordings/at_1.ogg")
    assert await storage.size("recordings/at_1.ogg") is None
    assert await storage.fetch("recordings/at_1.ogg", tmp_path / "gone") is False
    assert not (tmp_path / "gone").exists()
    with pytest.raises(FileNotFoundError):
        await anext(storage.pieces("recordings/at_1.ogg", 0, 1))


async def test_names_are_listed_below_their_prefix_alone(storage: Storage, tmp_path: Path) -> None:
    for name in ("at_1.ogg", "at_2.ogg"):
        await storage.mark(f"arrived/{name}")
    (empty := tmp_path / "empty").touch()
    await storage.put("outbox/at_1-1.jsonl", empty)
    assert await storage.names("arrived/") == ["at_1.ogg", "at_2.ogg"]
    assert await storage.names("outbox/") == ["at_1-1.jsonl"]
    assert await storage.names("nothing/") == []
    now = datetime.now(UTC)
    assert await storage.names("arrived/", before=now - timedelta(hours=1)) == []
    assert len(await storage.names("arrived/", before=now + timedelta(hours=1))) == 2


async def test_a_bucket_that_is_away_or_missing_says_which_file_and_why(
    s3: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    (sound := tmp_path / "sound").write_bytes(b"sound")
    with pytest.raises(StorageError, match=r"STORAGE_URL: recordings/x\.ogg: .*NoSuchBucket"):
        await open_storage("s3://nobody-made-it", tmp_path).put("recordings/x.ogg", sound)
