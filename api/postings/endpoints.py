"""Embed keys below `/v1/postings/{id}`."""

from dataclasses import fields
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.auth import Caller
from api.callers import needs
from api.idempotency import SHOWN_ONCE
from api.interviews.schemas import Page
from api.postings.schemas import EmbedKeyIn, EmbedKeyOut, NewEmbedKeyOut, RotateIn, VisitIn, VisitOut
from api.postings.signing import Visit
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/postings/{id}/embed-keys", tags=["postings"])

Reader = Annotated[Caller, Depends(needs("posting:read"))]
Editor = Annotated[Caller, Depends(needs("posting:update"))]
CHANGING = responses(401, 403, 404, 409, 413, 422)


@router.post("", status_code=201, responses=CHANGING, operation_id="create_embed_key", dependencies=[SHOWN_ONCE])
async def create(id: str, wanted: EmbedKeyIn, services: TheServices, caller: Editor) -> NewEmbedKeyOut:
    """Make an embed key; its `embed_signing_key` is shown this once."""
    return await services.embed_keys.create(caller, id, wanted)


@router.get("", responses=responses(401, 403, 404), operation_id="list_embed_keys")
async def list_(id: str, services: TheServices, caller: Reader) -> Page[EmbedKeyOut]:
    """List every embed key of a posting, newest first, without secrets."""
    return Page.all_of(await services.embed_keys.list_(caller, id))


@router.post(
    "/{kid}/rotate", status_code=201, responses=CHANGING, operation_id="rotate_embed_key", dependencies=[SHOWN_ONCE]
)
async def rotate(id: str, kid: str, wanted: RotateIn, services: TheServices, caller: Editor) -> NewEmbedKeyOut:
    """Make a key's successor with the same `embed_id`; the old one stays good for `overlap_s` seconds."""
    return await services.embed_keys.rotate(caller, id, kid, wanted)


@router.post("/{kid}/check", responses=CHANGING, operation_id="check_embedded_visit")
async def check(id: str, kid: str, wanted: VisitIn, services: TheServices, caller: Editor) -> VisitOut:
    """Check a signed visit and use its nonce up, as the embedded page does; a refusal says what is wrong with it."""
    visit = Visit(**{field.name: getattr(wanted, field.name) for field in fields(Visit)})
    await services.embed_keys.admit(caller.tenant, id, kid, visit, wanted.signature, wanted.page_origin)
    return VisitOut(posting_id=id, sub=visit.sub, name=visit.name, email=visit.email)


@router.delete("/{kid}", status_code=204, responses=responses(401, 403, 404), operation_id="revoke_embed_key")
async def revoke(id: str, kid: str, services: TheServices, caller: Editor) -> Response:
    """End an embed key at once."""
    await services.embed_keys.revoke(caller, id, kid)
    return Response(status_code=204)
