"""`python -m orchestrator.porter --data-dir DIR`: carries what bots left on this machine to where all can have it.

Level-triggered, as the control plane's keeper is: whatever lies in the data directory and belongs to no running bot is
carried to `STORAGE_URL` and removed here, also what was left by a bot host that was killed, or a machine switched off.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import structlog

from orchestrator import LaunchHandle
from orchestrator.errors import LaunchError, StorageError
from orchestrator.launchers.process import ProcessLauncher
from orchestrator.logs import configure_logs
from orchestrator.storage import ARRIVED, OUTBOX, RECORDINGS, Storage, is_bucket, open_storage

log = structlog.get_logger(__name__)

EX_CONFIG = 78
LOOK_S = 0.5
RETRY_S = 5.0


async def carry(storage: Storage, launcher: ProcessLauncher, data_dir: Path) -> int:
    """Carry everything that may go, and return how many files that was.

    Raises `StorageError`, and `LaunchError` when the bot host does not say which bots run.
    """
    # Files first, bots second: whoever has a file and is not in the list afterwards is surely gone.
    outboxes = sorted((data_dir / "outbox").glob("*.jsonl"))
    sounds = sorted((data_dir / "recordings").glob("*"))
    alive = {_stem(handle) for handle in await launcher.list()} if outboxes or sounds else set()
    left = [file for file in (*outboxes, *sounds) if _owner(file) not in alive and file.is_file()]
    for file in left:
        if file in outboxes:
            if file.stat().st_size:
                await storage.put(OUTBOX + file.name, file)
        else:
            await storage.put(RECORDINGS + file.name, file)
            if file.suffix == ".ogg":
                await storage.mark(ARRIVED + file.name)
        file.unlink()
        attempt, _, epoch = _owner(file).rpartition("-")
        log.info("carried", attempt=attempt, epoch=epoch, file=file.name)
    return len(left)


def _stem(handle: LaunchHandle) -> str:
    return f"{handle.attempt_id}-{handle.epoch}"


def _owner(file: Path) -> str:
    """Return the incarnation a file belongs to; the first one's recording has no number."""
    stem = file.name.partition(".")[0]
    return stem if "-" in stem else f"{stem}-1"


async def _run(storage: Storage, launcher: ProcessLauncher, data_dir: Path) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    while True:
        leaving, wait_s = told.is_set(), LOOK_S
        try:
            await carry(storage, launcher, data_dir)
        except StorageError as error:
            log.error("storage_unreachable", error=str(error))
            wait_s = RETRY_S
        except LaunchError as error:
            log.warning("bot_host_unreachable", error=str(error))
        if leaving:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await told.wait()


def main() -> None:
    """Carry until told to stop, and once more then."""
    parser = argparse.ArgumentParser(prog="python -m orchestrator.porter", description="Hands over what bots left.")
    parser.add_argument("--data-dir", type=Path, required=True, help="where the bots of this machine keep their files")
    data_dir = parser.parse_args().data_dir
    configure_logs(os.environ.get("LOG_FORMAT", "console"), os.environ.get("LOG_LEVEL", "info"))
    url = os.environ.get("STORAGE_URL")
    if not is_bucket(url):
        sys.stderr.write("STORAGE_URL: name a bucket, s3://BUCKET or s3://BUCKET/PREFIX\n")
        sys.exit(EX_CONFIG)
    asyncio.run(_run(open_storage(url, data_dir), ProcessLauncher(data_dir), data_dir))


if __name__ == "__main__":
    main()
