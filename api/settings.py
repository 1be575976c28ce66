"""Every setting of the control plane, from the environment; combinations that cannot work are refused by name."""

import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.errors import BadSettings
from api.origins import is_origin
from api.phone.signatures import is_public_key
from audio.smart_turn import find_smart_turn
from bot.platforms.registry import platforms
from bot.spec import ChatService, Limits, SpeechService
from orchestrator.launchers import LAUNCHERS
from orchestrator.storage import is_bucket

ASYNC_DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # every address, and the loopback among them
DIALECTS = ("lira", "instaview", "jobmojito", "maya")
# Where a dialect's paths may begin: not below what this server or, unmoved, another dialect answers.
PREFIX = re.compile(r"(?!/(v1|api|app|docs|pages|phone|room)(/|$))(/[a-z0-9._-]+)+/?")
_PLACE = re.compile(r"(https?|wss?)://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")
LOOPBACK = frozenset({"localhost", "::1"})


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "give an http:// or https:// address without query or fragment, like https://voice.example.org"
        )
    return value.rstrip("/")


def _comma_separated(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _are_dialects(asked: tuple[str, ...]) -> bool:
    names = [each.partition("=")[0] for each in asked]
    prefixes = [each.partition("=")[2] for each in asked if "=" in each]
    return set(names) <= set(DIALECTS) and len(set(names)) == len(names) and all(map(PREFIX.fullmatch, prefixes))


def _is_site(asked: str) -> bool:
    platform, _, where = asked.partition("=")
    return platform in platforms() and _PLACE.fullmatch(where) is not None


def _is_key(asked: str) -> bool:
    platform, _, secret = asked.partition("=")
    return platform in platforms() and bool(secret)


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_comma_separated)]


class Settings(BaseSettings):
    """What one control plane needs to know. Environment names are the field names in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, validate_default=True)

    data_dir: Path = Path("data")
    listen_host: str = "127.0.0.1"
    listen_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: HttpUrl | None = None  # what browsers use; in join links
    internal_url: HttpUrl | None = None  # what bots use
    database_url: str | None = None
    event_bus_url: str = "memory://"
    launcher: str = "process"
    storage_url: str | None = None  # s3://BUCKET/PREFIX, for recordings; None: they stay in the data directory
    signing_key_file: Path | None = None  # None: one in the data directory; replicas need the same
    replica_url: HttpUrl | None = None  # what other replicas use, to fetch recordings that lie here
    lease_s: Annotated[float, Field(gt=0, le=3600)] = 60.0  # unheard of for longer, a replica's bots are given up

    stt_url: HttpUrl | None = None  # None: the embedded speech server
    stt_socket: Path | None = None
    stt_model: str | None = None
    stt_key: SecretStr = SecretStr("none")
    tts_url: HttpUrl | None = None
    tts_socket: Path | None = None
    tts_model: str = "tts-1"
    tts_key: SecretStr = SecretStr("none")
    tts_voice: str = "default"
    smart_turn_model: Path | None = None  # None: the one in an installed pipecat-ai; "off": none
    llm_url: HttpUrl | None = None  # None: the structured brain alone
    llm_model: str | None = None
    llm_key: SecretStr | None = None
    llm_budget_s: Annotated[float, Field(gt=0, le=10)] = 1.5  # of a line in a call
    llm_raters: Annotated[int, Field(ge=3, le=9)] = 3  # how often a model rates a criterion, each time by itself
    llm_task_s: Annotated[float, Field(gt=0, le=600)] = 60.0  # of a piece of work outside calls: a draft, a rating

    jwt_secret: SecretStr | None = None  # tokens of another issuer, HS256; our own are taken in any case
    jwt_jwks_url: HttpUrl | None = None  # or its public keys, RS256 and ES256
    jwt_jwks_file: Path | None = None
    jwt_issuer: Annotated[str, Field(min_length=1)] | None = None
    jwt_audience: Annotated[str, Field(min_length=1)] | None = None
    jwt_tenant_claim: Annotated[str, Field(min_length=1)] = "tenant"
    jwt_scopes_claim: Annotated[str, Field(min_length=1)] = "scopes"
    rate_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = 600  # requests of one key or subject; 0: any number
    rate_per_hour: Annotated[int, Field(ge=0, le=10_000_000)] = 20_000

    dialects: Words = DIALECTS  # published APIs that are answered too: NAME, or NAME=/PREFIX where it is to move

    embed_origins: Words = ()  # of pages that may show rooms in a frame: ORIGIN, or TENANT=ORIGIN for that tenant's

    stun_urls: Words = ()
    turn_urls: Words = ()
    turn_username: str | None = None
    turn_password: SecretStr | None = None

    no_show_s: Annotated[float, Field(gt=0, le=7200)] = 600.0
    silence_prompt_s: Annotated[float, Field(gt=0, le=600)] = 12.0
    silence_end_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    left_s: Annotated[float, Field(gt=0, le=3600)] = 120.0
    max_duration_s: Annotated[float, Field(gt=0, le=14400)] = 7200.0
    cancel_grace_s: Annotated[float, Field(gt=0, le=300)] = 45.0  # stop → made to leave; beyond the longest good-bye
    remind_s: Annotated[float, Field(ge=0, le=604_800)] = (
        900.0  # so long before a scheduled start webhooks are told; 0: never
    )
    rejoin_window_s: Annotated[float, Field(ge=0, le=86_400)] = 600.0  # after it failed, a call may still be taken up
    drain_s: Annotated[float, Field(ge=0, le=14400)] = 0.0  # after SIGTERM calls may go on so long, then move
    watch_every_s: Annotated[float, Field(gt=0, le=60)] = 2.0  # how often running bots are looked at
    chromium: Path | None = None  # joins meetings elsewhere; None: the one on the PATH
    meeting_sites: Words = ()  # PLATFORM=http://HOST:PORT: where a platform is served besides its own addresses
    meeting_keys: Secrets = ()  # PLATFORM=SECRET: what a platform's server wants of every client
    twilio_auth_token: Secrets = ()  # of the accounts whose calls are taken; several while one is changed
    telnyx_public_key: Words = ()  # the same, as its portal shows it
    webhook_allow_private: bool = False  # webhooks may lead to plain HTTP and to private addresses too
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_000_000
    stream_ring: Annotated[int, Field(ge=16, le=100_000)] = 2048  # events a live reader may fall behind
    stream_send_s: Annotated[float, Field(gt=0, le=120)] = 15.0  # one piece must leave within this time
    stream_ping_s: Annotated[float, Field(gt=0, le=120)] = 15.0

    otel_exporter_otlp_endpoint: HttpUrl | None = None  # where spans go; None: there are none
    metrics_token: SecretStr | None = None  # opens /metrics to Prometheus; None: there is no such page
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    # ---- places -----------------------------------------------------------------------------------------------

    @property
    def secret_file(self) -> Path:
        """The signing key, mode 0600."""
        return self.signing_key_file or self.data_dir / "secret"

    @property
    def place_file(self) -> Path:
        """The name of this data directory among those of other replicas."""
        return self.data_dir / "place"

    @property
    def run_dir(self) -> Path:
        """Sockets of the running parts."""
        return self.data_dir / "run"

    @property
    def speech_socket(self) -> Path:
        """Where the embedded speech server listens."""
        return self.run_dir / "speech.sock"

    @property
    def bots_socket(self) -> Path:
        """Where the bot host listens."""
        return self.run_dir / "bots.sock"

    @property
    def recordings_dir(self) -> Path:
        """One file per call."""
        return self.data_dir / "recordings"

    @property
    def outbox_dir(self) -> Path:
        """What bots have not yet had acknowledged."""
        return self.data_dir / "outbox"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.data_dir / 'vivavoce.db').absolute()}"

    @property
    def public(self) -> str:
        """The address in join links, without a trailing slash; this machine's own where it listens on every one."""
        host = own_address() if self.listens_everywhere else self.listen_host
        return self.public_url or f"http://{_bracketed(host)}:{self.listen_port}"

    @property
    def listens_everywhere(self) -> bool:
        """Whether `listen_host` means every address of this machine and so is none that a browser could open."""
        return self.listen_host in EVERYWHERE

    @property
    def listens_on_loopback(self) -> bool:
        """Whether other machines can't get in at `listen_host`."""
        return self.listen_host in LOOPBACK or self.listen_host.startswith("127.")

    @property
    def microphones_open(self) -> bool:
        """Whether browsers let pages at `public` use a microphone: over HTTPS and on this very machine."""
        parts = urlsplit(self.public)
        return parts.scheme == "https" or parts.hostname in LOOPBACK or (parts.hostname or "").startswith("127.")

    @property
    def internal(self) -> str:
        """The address bots use, without a trailing slash."""
        everywhere = own_address() if self.launcher == "ray" else EVERYWHERE.get(self.listen_host, "")
        host = everywhere if self.listens_everywhere else self.listen_host
        return self.internal_url or f"http://{_bracketed(host)}:{self.listen_port}"

    @property
    def phone(self) -> str:
        """The `meeting_url` of interviews that are held by telephone."""
        return f"{self.public}/phone"

    @property
    def replica(self) -> str:
        """The address other replicas use, without a trailing slash."""
        host = own_address() if self.listens_everywhere else self.listen_host
        return self.replica_url or f"http://{_bracketed(host)}:{self.listen_port}"

    @property
    def needs_speech_server(self) -> bool:
        """Whether the embedded speech server has a part to play."""
        return self.embedded_stt or self.embedded_tts

    @property
    def embedded_stt(self) -> bool:
        """Whether the embedded speech server is the recogniser."""
        return self.stt_url is None and self.stt_socket is None

    @property
    def embedded_tts(self) -> bool:
        """Whether the embedded speech server is the voice."""
        return self.tts_url is None and self.tts_socket is None

    # ---- what bots are told -------------------------------------------------------------------------------------

    def speech_service(self) -> SpeechService:
        """Return where bots turn speech into text and text into speech."""
        embedded = SpeechService()
        return SpeechService(
            stt_url=self.stt_url or embedded.stt_url,
            stt_socket=self.speech_socket.absolute() if self.embedded_stt else self.stt_socket,
            stt_model=embedded.stt_model if self.embedded_stt else self.stt_model or embedded.stt_model,
            stt_key=self.stt_key,
            tts_url=self.tts_url or embedded.tts_url,
            tts_socket=self.speech_socket.absolute() if self.embedded_tts else self.tts_socket,
            tts_model=self.tts_model,
            tts_key=self.tts_key,
            voice=self.tts_voice,
            turn_model=self.turn_model(),
        )

    def turn_model(self) -> Path | None:
        """Return the weights of Smart Turn that bots use, if any."""
        if self._turn_model_off:
            return None
        return find_smart_turn() if self.smart_turn_model is None else self.smart_turn_model.absolute()

    def chat_service(self) -> ChatService | None:
        """Return the chat model bots may use, if any."""
        if self.llm_url is None or self.llm_model is None:
            return None
        return ChatService(
            url=self.llm_url, model=self.llm_model, key=self.llm_key or SecretStr("none"), budget_s=self.llm_budget_s
        )

    def limits(self) -> Limits:
        """Return the rules that end a call, where an interview does not set its own."""
        return Limits(
            no_show_s=self.no_show_s,
            silence_prompt_s=self.silence_prompt_s,
            silence_end_s=self.silence_end_s,
            left_s=self.left_s,
            max_duration_s=self.max_duration_s,
        )

    def meeting_places(self) -> Mapping[str, tuple[str, ...]]:
        """Return, by platform, where it is served besides the addresses that it takes anyway."""
        pairs = [each.partition("=") for each in self.meeting_sites]
        return {name: tuple(where for other, _, where in pairs if other == name) for name, _, _ in pairs}

    def meeting_key(self, platform: str) -> SecretStr | None:
        """Return what a platform's server wants of every client, if anything is set."""
        pairs = [each.get_secret_value().partition("=") for each in self.meeting_keys]
        return next((SecretStr(secret) for name, _, secret in pairs if name == platform), None)

    def twilio_tokens(self) -> tuple[str, ...]:
        """Return the tokens with which Twilio signs for the accounts whose calls are taken."""
        return tuple(each.get_secret_value() for each in self.twilio_auth_token)

    def ice_servers(self) -> tuple[dict[str, Any], ...]:
        """Return STUN and TURN in the browser's own `RTCIceServer` shape."""
        servers: list[dict[str, Any]] = []
        if self.stun_urls:
            servers.append({"urls": list(self.stun_urls)})
        if self.turn_urls and self.turn_username and self.turn_password:
            password = self.turn_password.get_secret_value()
            servers.append({"urls": list(self.turn_urls), "username": self.turn_username, "credential": password})
        return tuple(servers)

    @property
    def _turn_model_off(self) -> bool:
        return self.smart_turn_model == Path("off")

    # ---- what cannot work ---------------------------------------------------------------------------------------

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        complaints = [complaint for complaint, wrong in self._combinations() if wrong]
        if complaints:
            raise ValueError("\n".join(complaints))
        return self

    def _issuer_combinations(self) -> list[tuple[str, bool]]:
        secret = self.jwt_secret.get_secret_value() if self.jwt_secret else None
        key_set = self.jwt_jwks_url is not None or self.jwt_jwks_file is not None
        sources = sum(source is not None for source in (secret, self.jwt_jwks_url, self.jwt_jwks_file))
        named = {"jwt_issuer", "jwt_audience", "jwt_tenant_claim", "jwt_scopes_claim"} & self.model_fields_set
        return [
            ("JWT_SECRET, JWT_JWKS_URL and JWT_JWKS_FILE: tokens are checked in one way; set only one", sources > 1),
            (
                "JWT_SECRET: HS256 needs 32 bytes or more (RFC 7518, 3.2); make one with `openssl rand -base64 48`",
                secret is not None and len(secret.encode()) < 32,
            ),
            (
                "JWT_SECRET: this is a PEM key, no shared secret; give public keys as a key set in JWT_JWKS_FILE",
                secret is not None and "-----BEGIN" in secret,
            ),
            (
                "JWT_JWKS_FILE: there is no such file",
                self.jwt_jwks_file is not None and not self.jwt_jwks_file.is_file(),
            ),
            (
                "JWT_ISSUER and JWT_AUDIENCE: a key set signs tokens for many; say whose are taken and meant for whom",
                key_set and (self.jwt_issuer is None or self.jwt_audience is None),
            ),
            (
                "JWT_ISSUER: 'vivavoce' is this server's own name; the other issuer needs another",
                self.jwt_issuer == "vivavoce",
            ),
            (
                f"{', '.join(sorted(named)).upper()}: set, but none of JWT_SECRET, JWT_JWKS_URL and JWT_JWKS_FILE is",
                bool(named) and sources == 0,
            ),
        ]

    def _combinations(self) -> list[tuple[str, bool]]:
        driver = urlsplit(self.database).scheme
        turn_login = self.turn_username is not None and self.turn_password is not None
        return [
            (
                f"DATABASE_URL: driver {driver!r} can't be used; choose one of {', '.join(ASYNC_DRIVERS)}",
                driver not in ASYNC_DRIVERS,
            ),
            (
                f"DIALECTS: each is one of {', '.join(DIALECTS)}, once, and may be moved: maya=/maya; "
                "not below /v1, /api, /app, /docs, /pages, /phone or /room, which are taken",
                not _are_dialects(self.dialects),
            ),
            (
                "EMBED_ORIGINS: each is an origin as browsers write it, https or localhost, of everybody's rooms or of "
                "one tenant's: https://careers.example.org, acme=https://jobs.acme.example",
                not all(is_origin(each.rpartition("=")[2]) for each in self.embed_origins),
            ),
            (
                f"MEETING_SITES: each is a platform ({', '.join(platforms())}) and where it is: meet=http://127.0.0.1:8090",
                not all(map(_is_site, self.meeting_sites)),
            ),
            (
                f"MEETING_KEYS: each is a platform ({', '.join(platforms())}) and its secret: janus=SECRET",
                not all(map(_is_key, (each.get_secret_value() for each in self.meeting_keys))),
            ),
            (
                "TELNYX_PUBLIC_KEY: an Ed25519 key is 32 bytes in base64; copy it from Telnyx' portal",
                not all(map(is_public_key, self.telnyx_public_key)),
            ),
            (
                "DATABASE_URL: an in-memory SQLite database loses every interview with the process; name a file",
                driver.startswith("sqlite") and (self.database.endswith("://") or ":memory:" in self.database),
            ),
            (
                f"EVENT_BUS_URL: {urlsplit(self.event_bus_url).scheme or self.event_bus_url!r} is not a bus; "
                "use memory://, redis://HOST:PORT/DB or rediss://…",
                urlsplit(self.event_bus_url).scheme not in {"memory", "redis", "rediss", "unix"},
            ),
            (
                f"LAUNCHER: there is no launcher {self.launcher!r}; choose one of {', '.join(sorted(LAUNCHERS))}",
                self.launcher not in LAUNCHERS,
            ),
            (
                "LAUNCHER: bots on many machines need a database that all control planes share; "
                "set DATABASE_URL=postgresql+asyncpg://…",
                self.launcher == "ray" and driver.startswith("sqlite"),
            ),
            (
                "LAUNCHER: bots on many machines need a bus that all control planes share; set EVENT_BUS_URL=redis://…",
                self.launcher == "ray" and urlsplit(self.event_bus_url).scheme == "memory",
            ),
            (
                "STORAGE_URL: name a bucket, s3://BUCKET or s3://BUCKET/PREFIX, that this installation has to itself",
                self.storage_url is not None and not is_bucket(self.storage_url),
            ),
            (
                "LAUNCHER: what bots on other machines record has to get here; set STORAGE_URL=s3://…",
                self.launcher == "ray" and self.storage_url is None,
            ),
            (
                "LAUNCHER: bots on other machines can't reach this one at a loopback address; set INTERNAL_URL",
                self.launcher == "ray" and self.internal_url is None and self.listens_on_loopback,
            ),
            ("STT_URL and STT_SOCKET: one recogniser, one place; set only one", bool(self.stt_url and self.stt_socket)),
            ("TTS_URL and TTS_SOCKET: one voice, one place; set only one", bool(self.tts_url and self.tts_socket)),
            (
                "STT_MODEL: a recogniser at STT_URL needs the name of its model",
                bool(self.stt_url) and not self.stt_model,
            ),
            (
                "SMART_TURN_MODEL: there is no such file; name one, say off, or leave it out",
                self.smart_turn_model is not None and not (self._turn_model_off or self.smart_turn_model.is_file()),
            ),
            (
                "METRICS_TOKEN: too short to keep anybody out; make one with `openssl rand -base64 24`",
                self.metrics_token is not None and len(self.metrics_token.get_secret_value()) < 16,
            ),
            ("LLM_MODEL: a chat model at LLM_URL needs its name", bool(self.llm_url) and not self.llm_model),
            (
                "LLM_URL: LLM_MODEL or LLM_KEY is set, but not where the model is",
                not self.llm_url and bool(self.llm_model or self.llm_key),
            ),
            (
                "TURN_URLS needs TURN_USERNAME and TURN_PASSWORD: no TURN server relays for strangers",
                bool(self.turn_urls) and not turn_login,
            ),
            (
                "TURN_USERNAME and TURN_PASSWORD are set, but TURN_URLS is not",
                not self.turn_urls and bool(self.turn_username or self.turn_password),
            ),
            (
                "STUN_URLS: each is stun:HOST:PORT or stuns:HOST:PORT",
                any(not url.startswith(("stun:", "stuns:")) for url in self.stun_urls),
            ),
            (
                "TURN_URLS: each is turn:HOST:PORT or turns:HOST:PORT",
                any(not url.startswith(("turn:", "turns:")) for url in self.turn_urls),
            ),
            (
                "SILENCE_END_S must be longer than SILENCE_PROMPT_S: first the bot asks, then it leaves",
                self.silence_end_s <= self.silence_prompt_s,
            ),
            *self._issuer_combinations(),
        ]


def load_settings(**overrides: Any) -> Settings:
    """Read the environment, put `overrides` (those that are not None) on top.

    Raises `BadSettings` with one sentence for each thing that can't work; values are never repeated in it.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        raise BadSettings(_sentences(error)) from None


def own_address() -> str:
    """Return the address other machines see this one at, as its routes tell; "localhost" where there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737's example; a datagram socket sends nothing when it connects
        except OSError:
            return "localhost"
        return str(probe.getsockname()[0])


def _sentences(error: ValidationError) -> list[str]:
    sentences = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        words = item["msg"].removeprefix("Value error, ")
        name = ".".join(str(part) for part in item["loc"]).upper()
        sentences += [f"{name}: {words}"] if name else words.splitlines()
    return sentences


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
