"""The import of a transcript over HTTP: as JSON, or as a file with the same JSON beside it."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api.bodies import check, replayed
from api.callers import Conductor
from api.errors import Complaint, Invalid
from api.importing import MOST_BYTES
from api.importing.reading import decoded
from api.importing.schemas import ImportAbout, ImportTranscript
from api.interviews.endpoints import seen_by
from api.interviews.schemas import InterviewOut
from api.problems import complaints_of, responses
from api.services import TheServices

Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]

TRANSCRIPT_PATH = re.compile(r"/v1/interviews/[^/]+/transcript")
TRANSCRIPT_BODY = MOST_BYTES + 1_000_000  # a transcript and what JSON or multipart puts around it
MOST_FIELDS = 4
FORM = "multipart/form-data"
A_FILE: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "format": "binary", "description": f"At most {MOST_BYTES} bytes"},
            "about": {"type": "string", "description": "The JSON object of the other way, without content and turns"},
        },
    },
    "example": {"file": "Maria: I built it.", "about": '{"candidate": "Maria"}'},
}


class JsonOrFile(APIRoute):
    """Turns a form with a file into the JSON that its endpoint takes."""

    def get_route_handler(self) -> Handler:
        """Return what answers a request in either way."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type != FORM:
                return await handle(request)
            body = await _as_json(request)
            headers = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
            scope = {**request.scope, "headers": [*headers, (b"content-type", b"application/json")]}
            return await handle(Request(scope, replayed(body, request.receive)))

        return handler


router = APIRouter(prefix="/v1", tags=["interviews"], route_class=JsonOrFile)


@router.post(
    "/interviews/{interview_id}/transcript",
    status_code=202,
    responses=responses(400, 401, 403, 404, 409, 413, 422),
    openapi_extra={"requestBody": {"content": {FORM: A_FILE}}},
)
async def import_transcript(
    interview_id: str, wanted: ImportTranscript, caller: Conductor, services: TheServices
) -> InterviewOut:
    """Take over the transcript of a meeting that was held elsewhere, as an attempt without a bot, and evaluate it.

    WebVTT, SRT, text with names, or a list of turns; as JSON, or as a file. The interview is one whose call has not
    been: draft, ready or scheduled. `consent` says how and when the candidate agreed to the evaluation; without it the
    answer is 409 `no_consent`. What can't be told is a 422: `bad_transcript`, or `speakers_unclear` with their names.
    """
    await services.imports.take(caller, interview_id, wanted)
    return seen_by(caller, await services.interviews.get(caller.tenant, interview_id))


async def _as_json(request: Request) -> bytes:
    """The body of a form, as the JSON of the other way; raise `Invalid`, `BadTranscript`."""
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        file, about = form.get("file"), form.get("about", "{}")
        if not isinstance(file, UploadFile):
            raise Invalid(Complaint(("body", "file"), "is missing", "send the transcript as a file"))
        if not isinstance(about, str):
            raise Invalid(Complaint(("body", "about"), "is a file", "send it as a field of the form"))
        data = await file.read(MOST_BYTES + 1)
    check(about.encode(errors="surrogateescape"))
    try:
        values = ImportAbout.model_validate_json(about or "{}").model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        raise Invalid(*complaints_of(error, "body", "about")) from None
    return json.dumps(values | {"content": decoded(data)}).encode()
