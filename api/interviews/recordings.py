"""Handing out recordings. A file lies where its bot ran, or in the bucket that all machines share.

From there each replica hands out what is asked for; what lies with another it fetches from that and passes on.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import structlog
from starlette.responses import FileResponse, Response, StreamingResponse

from api.auth import Tokens
from api.database import Database
from api.errors import NotFound, NotYet, RecordingElsewhere
from api.interviews.ranges import Unsatisfiable, asked_for
from api.interviews.repository import InterviewRepository
from api.interviews.states import TERMINAL, Status
from api.interviews.tables import RecordingRow
from api.replicas import Replicas
from orchestrator.errors import StorageError
from orchestrator.storage import RECORDINGS, Storage

log = structlog.get_logger(__name__)

MEDIA_TYPE = "audio/ogg"
FETCHED_BY = "vivavoce-fetched-by"  # which replica asks: whoever is asked by one asks no other
ASKED = ("range", "if-range")
TOLD = ("content-length", "content-range", "accept-ranges", "content-disposition", "etag", "last-modified")
PASSED_ON = frozenset({200, 206, 416})
TIMES = httpx.Timeout(10.0, connect=2.0)
TOKEN_FOR = timedelta(minutes=1)


class Recordings:
    """Recordings of every tenant. folder: where those are that were made here; client: for what other replicas hold."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        storage: Storage,
        replicas: Replicas,
        tokens: Tokens,
        client: httpx.AsyncClient,
    ) -> None:
        self._database = database
        self._folder = folder.resolve()
        self._storage = storage
        self._replicas = replicas
        self._tokens = tokens
        self._client = client

    async def answer(self, tenant: str, interview_id: str, number: int | None, headers: Mapping[str, str]) -> Response:
        """Return the recording of one attempt, the newest there is unless `number` says which.

        headers: of the request; its ranges are served. Raises `NotYet` while the call has not ended, `NotFound` when
        nothing was recorded (or it is gone), `RecordingElsewhere` when the replica or the bucket that has it can't be
        reached.
        """
        recording = await self._recording(tenant, interview_id, number)
        path = (self._folder / recording.file).resolve()
        if path.is_relative_to(self._folder) and path.is_file():
            return FileResponse(path, media_type=MEDIA_TYPE, filename=f"{interview_id}.ogg")
        if self._storage.shared and (stored := await self._stored(recording, headers)) is not None:
            return stored
        url = await self._replicas.url_of(recording.place) if recording.place else None
        if url is None:
            raise NotFound("recording of interview", interview_id)
        if FETCHED_BY in headers:  # both believe that it lies with the other: an address leads to the wrong one
            log.error("recording_not_where_it_should_be", interview=interview_id, asked_by=headers[FETCHED_BY])
            raise RecordingElsewhere(interview_id)
        asked = {name: headers[name] for name in ASKED if name in headers}
        return await self._fetched(tenant, interview_id, number, url, asked)

    async def _stored(self, recording: RecordingRow, headers: Mapping[str, str]) -> Response | None:
        """Return what is asked for of a file in the bucket, None where it is not there."""
        interview_id, key = recording.interview_id, RECORDINGS + recording.file
        told = {
            "Accept-Ranges": "bytes",
            "ETag": f'"{recording.sha256}"',
            "Content-Disposition": f'attachment; filename="{interview_id}.ogg"',
        }
        try:
            size = await self._storage.size(key)
            if size is None:
                return None
            same = headers.get("if-range", told["ETag"]) == told["ETag"]
            part = asked_for(headers.get("range"), size) if same else None
            start, end = part or (0, size)
            told["Content-Length"] = str(end - start)
            if part is not None:
                told["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
            sound = self._storage.pieces(key, start, end)
            first = await anext(sound, b"")  # so that a bucket that is away is told of by the status
        except Unsatisfiable:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        except (StorageError, FileNotFoundError) as error:
            log.error("recording_not_fetched", interview=interview_id, error=str(error))
            raise RecordingElsewhere(interview_id) from error
        return StreamingResponse(_from(first, sound), 206 if part else 200, told, media_type=MEDIA_TYPE)

    async def _recording(self, tenant: str, interview_id: str, number: int | None) -> RecordingRow:
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get(interview_id)
            recording = await interviews.recording(interview_id, number)
        if recording is not None:
            return recording
        if Status(row.status) not in TERMINAL:
            raise NotYet("The recording is there once the call has ended.", current_status=row.status)
        raise NotFound("recording of interview", interview_id)

    async def _fetched(
        self, tenant: str, interview_id: str, number: int | None, url: str, asked: Mapping[str, str]
    ) -> Response:
        us = self._replicas.place
        token = self._tokens.issue(tenant, ("recording:read",), expires_in=TOKEN_FOR, subject=us)
        request = self._client.build_request(
            "GET",
            f"{url}/v1/interviews/{interview_id}/recording",
            params={} if number is None else {"attempt": number},
            headers={**asked, "Authorization": f"Bearer {token}", FETCHED_BY: us, "Accept-Encoding": "identity"},
        )
        try:
            answer = await self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            log.error("recording_not_fetched", interview=interview_id, url=url, error=str(error))
            raise RecordingElsewhere(interview_id) from error
        if answer.status_code not in PASSED_ON:
            await answer.aclose()
            log.error("recording_not_fetched", interview=interview_id, url=url, status=answer.status_code)
            raise RecordingElsewhere(interview_id)
        told = {name: answer.headers[name] for name in TOLD if name in answer.headers}
        return StreamingResponse(_pieces(answer), answer.status_code, told, media_type=MEDIA_TYPE)


def fetching() -> httpx.AsyncClient:
    """Return the client that recordings are fetched with; never through a proxy."""
    return httpx.AsyncClient(timeout=TIMES, trust_env=False)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    yield first
    async for piece in rest:
        yield piece


async def _pieces(answer: httpx.Response) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in answer.aiter_raw():
            yield piece
    finally:
        await answer.aclose()
