"""What a page or a bot may send to the room, parsed at the edge."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

MAX_FRAME_BYTES = 64 * 1024
LONGEST_AGO_MS = 10**11  # some three years

Id = Annotated[str, Field(min_length=1, max_length=128)]


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class NoticeShown(_Frame):
    """The notice that somebody agreed to: how many ms before this frame they were shown it, and agreed."""

    version: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,64}$")]
    shown_ms: Annotated[int, Field(ge=0, le=LONGEST_AGO_MS)]
    given_ms: Annotated[int, Field(ge=0, le=LONGEST_AGO_MS)]


class Hello(_Frame):
    """The first frame. notice: what was agreed to; peers: participants the sender still has connected media with."""

    type: Literal["hello"]
    token: Annotated[str, Field(min_length=1, max_length=8192)]
    consented: bool = False
    notice: NoticeShown | None = None
    peers: Annotated[list[Id], Field(max_length=32)] = []


class Description(_Frame):
    """A session description (RFC 8829)."""

    type: Literal["offer", "answer"]
    sdp: Annotated[str, Field(min_length=1, max_length=48 * 1024)]


class IceCandidate(_Frame):
    """One trickled ICE candidate (RFC 8838); an empty `candidate` ends a generation."""

    candidate: Annotated[str, Field(max_length=2048)]
    sdpMid: Annotated[str, Field(max_length=64)] | None = None
    sdpMLineIndex: Annotated[int, Field(ge=0, le=255)] | None = None


class SdpData(_Frame):
    """`data` of a signal that carries a session description."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    sdp: Description


class CandidateData(_Frame):
    """`data` of a signal that carries a candidate; null says there are no more."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    candidate: IceCandidate | None


class Signal(_Frame):
    """SDP or ICE for one other peer."""

    type: Literal["signal"]
    to: Id
    data: SdpData | CandidateData


class ControlFrame(_Frame):
    """A button of the page."""

    type: Literal["control"]
    control: Literal["repeat", "rephrase", "skip", "pause", "resume", "slower", "human", "stop", "withdraw"]


class Level(_Frame):
    """The sender's microphone is muted or open. lost: not by their choice: it is gone, or the system holds it."""

    type: Literal["level"]
    muted: bool
    lost: bool = False


class Slept(_Frame):
    """Nothing of the sender's page ran for so long: a frozen tab, a lid that was shut. It does again."""

    type: Literal["slept"]
    ms: Annotated[int, Field(ge=1, le=LONGEST_AGO_MS)]


class Leave(_Frame):
    """The sender is about to close, by choice."""

    type: Literal["leave"]


_F = TypeVar("_F")

ClientFrame = Signal | ControlFrame | Level | Slept | Leave

_HELLO: TypeAdapter[Hello] = TypeAdapter(Hello)
_CLIENT: TypeAdapter[ClientFrame] = TypeAdapter(Annotated[ClientFrame, Field(discriminator="type")])


class BadFrame(Exception):
    """A frame that is not what the protocol says. code: for the error frame."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def parse_hello(text: str) -> Hello:
    """Parse the first frame; raise `BadFrame`."""
    return _parse(_HELLO, text, "The first frame must be a hello with the token of the join link")


def parse_frame(text: str) -> ClientFrame:
    """Parse a frame after the hello; raise `BadFrame`."""
    return _parse(_CLIENT, text, "This frame is not one the room knows")


def dump(frame: SdpData | CandidateData) -> dict[str, Any]:
    """Return signal data as it goes to the other peer."""
    return frame.model_dump(exclude_unset=True)


def _parse(adapter: TypeAdapter[_F], text: str, otherwise: str) -> _F:
    if len(text) > MAX_FRAME_BYTES or len(text.encode()) > MAX_FRAME_BYTES:
        raise BadFrame("frame_too_large", f"A frame may hold at most {MAX_FRAME_BYTES} bytes.")
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "frame"
        raise BadFrame("bad_frame", f"{otherwise}: {where}: {first['msg']}.") from None
