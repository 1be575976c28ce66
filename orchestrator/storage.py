"""Where recordings are kept, and what dead bots left is handed over: a folder of this machine, or a bucket for all.

`STORAGE_URL` is `s3://BUCKET/PREFIX`, with AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID and the rest in the
environment as every client of S3 reads them. Without it everything stays where bots write it, in the data directory.

| key | is |
|---|---|
| `recordings/NAME` | a recording, whole or of one incarnation |
| `arrived/NAME` | nothing: says that a bot's recording has come from another machine, and is to be looked at |
| `outbox/NAME` | what a dead bot had not told, on its way to a control plane |
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orchestrator.errors import StorageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PATIENCE = timedelta(seconds=10)
PIECE = 256 * 1024  # bytes
RECORDINGS, ARRIVED, OUTBOX = "recordings/", "arrived/", "outbox/"


class Storage:
    """Files by key, each written whole or not at all. Every method raises `StorageError` when it can't be reached.

    shared: whether other machines see the same files.
    """

    def __init__(self, store: "ObjectStore", *, shared: bool) -> None:
        self._store, self.shared = store, shared

    async def put(self, key: str, file: Path) -> None:
        """Keep a copy of `file`."""
        await self._put(key, file)

    async def mark(self, key: str) -> None:
        """Keep an empty file."""
        await self._put(key, b"")

    async def _put(self, key: str, what: Path | bytes) -> None:
        import obstore

        try:
            with _told(key):
                await obstore.put_async(self._store, key, what)
        except FileNotFoundError as error:  # what is to be kept is gone, or the bucket was never made
            raise StorageError(key, _said(error)) from error

    async def size(self, key: str) -> int | None:
        """Return how many bytes there are, None where there is no such file."""
        import obstore

        try:
            with _told(key):
                return (await obstore.head_async(self._store, key))["size"]
        except FileNotFoundError:
            return None

    async def pieces(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` to before `end`; raises `FileNotFoundError`."""
        import obstore

        with _told(key):
            found = await obstore.get_async(self._store, key, options={"range": (start, end)})
            async for piece in found.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    async def fetch(self, key: str, into: Path) -> bool:
        """Copy a file to `into`, where it appears at once and whole; tell whether there was one."""
        size = await self.size(key)
        if size is None:
            return False
        part = into.with_name(f".{into.name}.part")
        with part.open("wb") as file:
            if size:
                async for piece in self.pieces(key, 0, size):
                    file.write(piece)
        part.replace(into)
        return True

    async def delete(self, key: str) -> None:
        """Remove a file, if it is there."""
        import obstore

        try:
            with _told(key):
                await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            pass

    async def names(self, prefix: str, *, before: datetime | None = None) -> list[str]:
        """Return the keys below `prefix`, without it. before: only of what was written then."""
        import obstore

        found: list[str] = []
        with _told(prefix):
            async for some in obstore.list(self._store, prefix, chunk_size=1000):
                old = [one["path"] for one in some if before is None or one["last_modified"] < before]
                found += [path.removeprefix(prefix) for path in old]
        return sorted(found)


def is_bucket(url: str | None) -> bool:
    """Tell whether `STORAGE_URL` names a bucket."""
    parts = urlsplit(url or "")
    return parts.scheme == "s3" and bool(parts.netloc)


def open_storage(url: str | None, data_dir: Path) -> Storage:
    """Return the storage at `url`, else the data directory itself. Nothing is reached for yet."""
    from obstore.store import LocalStore, S3Store

    if url is None:
        return Storage(LocalStore(data_dir, mkdir=True), shared=False)
    return Storage(S3Store.from_url(url, retry_config={"retry_timeout": PATIENCE}), shared=True)


@contextmanager
def _told(key: str) -> Iterator[None]:
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        raise StorageError(key, _said(error)) from error


def _said(error: Exception) -> str:
    """Return what is said before the debugging output that follows it."""
    return " ".join(str(error).partition("Debug source")[0].split())
