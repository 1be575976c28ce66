"""The launch contract: everything one bot needs to know, handed to it on a pipe (never on a command line)."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FieldSerializationInfo, SecretStr, field_serializer

from bot.plan import Plan
from bot.resume import CopilotSoFar, Resume


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_serializer("*", when_used="json")
    def _mask(self, value: object, info: FieldSerializationInfo) -> object:
        if isinstance(value, SecretStr) and info.context and info.context.get("reveal"):
            return value.get_secret_value()
        return value


class Mode(StrEnum):
    """Who leads: the bot, a human with the bot's help, or a human with the bot silent."""

    SOLO = "solo"
    COPILOT = "copilot"
    SHADOW = "shadow"


class Place(_Frozen):
    """A WebSocket and the token that opens it (sent in a header or first message, never in the URL)."""

    url: str
    token: SecretStr


class Meeting(_Frozen):
    """A meeting that is not held in our own room. platform: its name in `bot.platforms.registry`.

    secret: what its server wants of every client, if anything. chromium: the browser's executable; None: the one on
    the PATH. evidence: what the pictures and words of a page on which a step failed are kept as, without the ending.
    """

    url: str
    platform: str
    secret: SecretStr | None = None
    chromium: Path | None = None
    evidence: Path


class SpeechService(_Frozen):
    """Where speech is turned into text and text into speech: OpenAI's audio API at a URL or on a Unix socket.

    turn_model: weights of Smart Turn on the bot's own host (`audio.smart_turn`); None: words alone move the wait.
    """

    stt_url: str = "http://speech/v1"
    stt_socket: Path | None = None
    stt_model: str = "whisper-1"
    stt_key: SecretStr = SecretStr("none")
    tts_url: str = "http://speech/v1"
    tts_socket: Path | None = None
    tts_model: str = "tts-1"
    tts_key: SecretStr = SecretStr("none")
    voice: str = "default"
    turn_model: Path | None = None


class ChatService(_Frozen):
    """An OpenAI-compatible chat model; without one the structured brain leads alone."""

    url: str
    model: str
    key: SecretStr = SecretStr("none")
    budget_s: Annotated[float, Field(gt=0, le=10)] = 1.5


class Limits(_Frozen):
    """The rules that end a call, each with its own reason. Seconds."""

    no_show_s: Annotated[float, Field(gt=0, le=7200)] = 600.0
    silence_prompt_s: Annotated[float, Field(gt=0, le=600)] = 12.0
    silence_end_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    left_s: Annotated[float, Field(gt=0, le=3600)] = 120.0
    max_duration_s: Annotated[float, Field(gt=0, le=14400)] = 7200.0


class BotSpec(_Frozen):
    """One incarnation of one bot in one call. so_far: where the call stood when the one before it was lost.

    meeting: where the call is held, if not in the `room`; phone: it comes by telephone, and the bot is rung.
    copilot: how its panel stands, for whatever mode needs one.
    join_at: not before this, where a clock says so. lease_s: for how long those who look after it may be away before
    others take the call up; None: nobody else could.
    """

    interview_id: str
    attempt_id: str
    epoch: Annotated[int, Field(ge=1)] = 1
    mode: Mode = Mode.SOLO
    name: str = "Viva"
    organisation: str = ""
    candidate_name: str = ""
    plan: Plan
    so_far: Resume | None = None
    copilot: CopilotSoFar = CopilotSoFar()
    room: Place
    meeting: Meeting | None = None
    phone: bool = False
    uplink: Place
    speech: SpeechService = SpeechService()
    chat: ChatService | None = None
    limits: Limits = Limits()
    join_at: AwareDatetime | None = None
    lease_s: Annotated[float, Field(gt=0)] | None = None
    outbox: Path
    recording: Path | None = None

    def for_pipe(self) -> str:
        """JSON with the secrets in clear, for the pipe to the bot alone (every other dump masks them)."""
        return self.model_dump_json(context={"reveal": True})
