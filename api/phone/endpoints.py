"""The telephone's endpoints: what a provider is to do with a call, the callers' sockets, and the bots'."""

from typing import Annotated
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, quoteattr

import structlog
from fastapi import APIRouter, Query, Request, Response, WebSocket

from api import problems
from api.auth import bearer
from api.errors import ControlPlaneError, Forbidden, NotFound, NotSigned
from api.phone.legs import OVER, CallEnded, Leg
from api.phone.service import Admitted, Provider
from api.phone.signatures import signed_by_telnyx, signed_by_twilio
from api.phone.wires import PlainWire, TelnyxWire, TwilioWire, Wire
from api.room.members import INTERVIEW_OVER, Refused
from api.services import Services, TheServices
from api.sockets import close

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/phone", include_in_schema=False)

XML = "application/xml"
HANG_UP = "<Response><Hangup/></Response>"
CALL_ID = "CallSid"
LONGEST_CALL_ID = 100
Token = Annotated[str, Query(max_length=8192)]


@router.post("/{interview_id}")
async def instructions(request: Request, interview_id: str, services: TheServices, token: Token = "") -> Response:
    """Answer a provider that asks what to do with a call: hand its sound over, and ask again when that ends."""
    body = await request.body()
    provider = _signed(request, body, services)
    form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    try:
        who = await services.phone.expect(interview_id, token)
    except Refused as refused:
        if refused.close == INTERVIEW_OVER:
            return Response(HANG_UP, media_type=XML)
        return problems.answer(request.scope, refused.close - 4000, refused.code, refused.detail)
    once = request.headers["telnyx-signature-ed25519"] if provider is Provider.TELNYX else None
    call = form.get(CALL_ID, "")[:LONGEST_CALL_ID]
    ticket = await services.phone.ticket(who, provider, call, once)
    phone = f"{services.settings.phone}/{interview_id}"
    stream = quoteattr(f"{_as_socket(phone)}/{provider}/{ticket}")
    form_of = "" if provider is Provider.TWILIO else ' codec="PCMU" bidirectionalMode="rtp" bidirectionalCodec="PCMU"'
    again = f'<Pause length="1"/><Redirect method="POST">{escape(f"{phone}?{request.url.query}")}</Redirect>'
    told = f"<Response><Connect><Stream url={stream}{form_of}/></Connect>{again}</Response>"
    return Response(told, media_type=XML, headers={"Cache-Control": "no-store"})


@router.websocket("/{interview_id}/twilio/{ticket}")
async def twilio(socket: WebSocket, interview_id: str, ticket: str, services: TheServices) -> None:
    """Take a call from Twilio, which signs the opening of the socket, too."""
    try:
        url, signature = (
            _as_socket(services.settings.public) + socket.url.path,
            socket.headers.get("x-twilio-signature", ""),
        )
        if not signed_by_twilio(url, (), signature, services.settings.twilio_tokens()):
            raise _not_signed("Twilio", "TWILIO_AUTH_TOKEN")
        who = await services.phone.admit(interview_id, Provider.TWILIO, ticket)
    except ControlPlaneError as refusal:
        await socket.send_denial_response(problems.refuse(socket.scope, refusal))
        return
    await _carry(socket, who, TwilioWire(who.call), services)


@router.websocket("/{interview_id}/telnyx/{ticket}")
async def telnyx(socket: WebSocket, interview_id: str, ticket: str, services: TheServices) -> None:
    """Take a call from Telnyx: whoever has the ticket had a request answered that Telnyx had signed."""
    try:
        who = await services.phone.admit(interview_id, Provider.TELNYX, ticket)
    except ControlPlaneError as refusal:
        await socket.send_denial_response(problems.refuse(socket.scope, refusal))
        return
    await _carry(socket, who, TelnyxWire(), services)


@router.websocket("/{interview_id}/stream")
async def stream(socket: WebSocket, interview_id: str, services: TheServices, token: Token = "") -> None:
    """Take a call in the plain form from whoever has the candidate's link, in the query or as a bearer token."""
    try:
        who = await services.phone.expect(interview_id, token or bearer(socket.headers.get("authorization")))
    except Refused as refused:
        told = problems.answer(socket.scope, refused.close - 4000, refused.code, refused.detail)
        await socket.send_denial_response(told)
        return
    except ControlPlaneError as refusal:
        await socket.send_denial_response(problems.refuse(socket.scope, refusal))
        return
    await _carry(socket, who, PlainWire(), services)


@router.websocket("/{interview_id}/line/{leg_id}")
async def line(socket: WebSocket, interview_id: str, leg_id: str, services: TheServices) -> None:
    """Put a call through to the bot that was rung."""
    try:
        bot = services.tokens.uplink(bearer(socket.headers.get("authorization")))
        if bot.interview_id != interview_id:
            raise Forbidden("other_interview", "This token is another interview's bot's.")
        if (leg := services.legs.find(interview_id, leg_id)) is None:
            raise NotFound("call", leg_id)
    except ControlPlaneError as refusal:
        await socket.send_denial_response(problems.refuse(socket.scope, refusal))
        return
    await socket.accept()
    await leg.attend(socket)
    await close(socket, OVER)


async def _carry(socket: WebSocket, who: Admitted, wire: Wire, services: Services) -> None:
    """Hold one call: from its start, when the bot is rung, to its end."""
    await socket.accept()
    leg = Leg(who.interview_id, socket, wire, lambda: services.phone.over(who.interview_id))
    try:
        await leg.begin()
        services.legs.open(leg)
        await services.phone.ring(who, leg)
        log.info("call_began", interview=who.interview_id)
        await leg.carry(services.closing)
    except CallEnded as ended:
        log.info("call_ended", interview=who.interview_id, code=ended.code, why=str(ended))
        await close(socket, ended.code, str(ended))
    except ControlPlaneError as refusal:
        log.info("call_not_put_through", interview=who.interview_id, why=str(refusal))
        await close(socket, OVER, str(refusal))
    finally:
        services.legs.close(leg)


def _signed(request: Request, body: bytes, services: Services) -> Provider:
    """Return which provider signed a request; raise `NotSigned` where none did."""
    settings, headers = services.settings, request.headers
    if signature := headers.get("x-twilio-signature"):
        url = f"{settings.public}{request.url.path}?{request.url.query}"
        form = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
        if not signed_by_twilio(url, form, signature, settings.twilio_tokens()):
            raise _not_signed("Twilio", "TWILIO_AUTH_TOKEN")
        return Provider.TWILIO
    if signature := headers.get("telnyx-signature-ed25519"):
        stamp = headers.get("telnyx-timestamp", "")
        if not signed_by_telnyx(body, stamp, signature, settings.telnyx_public_key, services.clock()):
            raise _not_signed("Telnyx", "TELNYX_PUBLIC_KEY")
        return Provider.TELNYX
    raise NotSigned("unsigned", "This is for telephone providers, and none has signed it (Twilio, Telnyx).")


def _not_signed(provider: str, setting: str) -> NotSigned:
    return NotSigned(
        "forged", f"{provider} did not sign this with a key that is known here; are {setting} and PUBLIC_URL right?"
    )


def _as_socket(url: str) -> str:
    return "ws" + url.removeprefix("http")
