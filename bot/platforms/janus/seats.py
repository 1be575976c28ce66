"""Which seat a bot takes on a Janus server."""

from contextlib import AbstractAsyncContextManager

from bot.interview import Role
from bot.platforms import NAMED, Ear
from bot.platforms.janus import JanusAddress
from bot.platforms.janus.audiobridge import AudioBridgeSeat
from bot.platforms.janus.seat import JanusSeat, taken
from bot.platforms.janus.videoroom import VideoRoomSeat
from bot.spec import BotSpec, Mode


def take(address: JanusAddress, spec: BotSpec, ear: Ear) -> AbstractAsyncContextManager[JanusSeat]:
    """Return a seat in the bot's room, to be entered. Raises `MeetingRefused` then."""
    name, secret = NAMED.format(name=spec.name), None if spec.meeting is None else spec.meeting.secret
    if address.mixed:
        return taken(AudioBridgeSeat(address, name, secret, ear))
    return taken(VideoRoomSeat(address, name, secret, ear, lambda shown: _role(spec, shown)))


def _role(spec: BotSpec, shown: str) -> Role:
    """Alone with the bot, whoever speaks is the other side; where people lead, the candidate is who bears the name."""
    is_candidate = spec.mode is Mode.SOLO or shown.strip().casefold() == spec.candidate_name.strip().casefold()
    return Role.CANDIDATE if is_candidate else Role.INTERVIEWER
