"""Join links for a frame inside another page; see `api/framing.py`."""

from fastapi import APIRouter

from api.callers import Conductor
from api.errors import Complaint, Invalid
from api.idempotency import SHOWN_ONCE
from api.interviews.schemas import CreateEmbedLink, EmbedLinkOut
from api.links import GuestRole
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/interviews", tags=["interviews"])


@router.post(
    "/{interview_id}/embed-links",
    status_code=201,
    dependencies=[SHOWN_ONCE],  # whoever has a link can join
    responses=responses(401, 403, 404, 409, 413, 422),
    operation_id="create_embed_link",
)
async def create(interview_id: str, wanted: CreateEmbedLink, caller: Conductor, services: TheServices) -> EmbedLinkOut:
    """Make a join link that a page of one allowed origin shows in a frame: `<iframe src=URL allow="microphone">`.

    The frame tells that page, and no other, `{source: "vivavoce", type: "ready" | "joined" | "ended" | "height", …}`
    by `postMessage`. The origins that may embed rooms are named in the setting EMBED_ORIGINS.
    """
    if (by := services.frames.allowed(caller.tenant, wanted.origin)) is None:
        what = f"{wanted.origin!r} is not among the origins that may embed rooms"
        raise Invalid(Complaint(("body", "origin"), what, "add it to the setting EMBED_ORIGINS"))
    link = await services.interviews.link(caller, interview_id, wanted)
    address, _, token = link.url.partition("#")
    return EmbedLinkOut(
        url=f"{address}?{services.frames.signed(interview_id, by, link.expires_at)}#{token}",
        role=GuestRole(link.seat.role.value),
        name=link.seat.name,
        participant_id=link.seat.participant_id,
        expires_at=link.expires_at,
        origin=wanted.origin,
    )
