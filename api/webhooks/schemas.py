"""What the webhook endpoints take and give."""

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.interviews.schemas import Time
from api.records.fields import Text, plain
from api.records.kinds import RecordIn, RecordOut
from api.webhooks.events import EVERYTHING, NAMES

MOST_HEADERS = 50
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110, 5.6.2
VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,3998}[\x21-\x7e])?")
# Of one connection (RFC 9110, 7.6.1), or set by us: where it goes, how long it is, what it is, that it is ours.
OURS = {
    *("accept-encoding", "content-encoding", "content-length", "content-type", "expect", "host"),
    *("connection", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
    *("webhook-id", "webhook-signature", "webhook-timestamp"),
}


def _events(events: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in events if name not in (*NAMES, EVERYTHING)]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no event; choose among {', '.join(NAMES)}, or * for all of them")
    return tuple(dict.fromkeys(events))


def _headers(headers: dict[str, str]) -> dict[str, str]:
    seen: set[str] = set()
    for name, value in headers.items():
        folded = name.lower()
        if not TOKEN.fullmatch(name):
            raise ValueError("a name may hold letters, digits and !#$%&'*+-.^_`|~, at most 100 of them")
        if folded in OURS:
            raise ValueError(f"{name!r} can't be set: it belongs to the connection or to the signature")
        if folded in seen:
            raise ValueError(f"{name!r} is there twice; upper and lower case are the same in a header's name")
        if not VALUE.fullmatch(value):
            raise ValueError(f"the value of {name!r} is not 1 to 4000 printable ASCII characters without outer spaces")
        seen.add(folded)
    return headers


class WebhookIn(RecordIn):
    """Where to tell what. Every message is signed (https://www.standardwebhooks.com)."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"url": "https://ats.example.org/hooks/interviews", "events": ["interview.completed"]}]
        },
    )

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(plain)] = Field(
        description="An https:// address of a public server; redirects are not followed"
    )
    events: Annotated[tuple[str, ...], Field(min_length=1, max_length=50), AfterValidator(_events)] = Field(
        description=f"Any of {', '.join(NAMES)}, or * for all; a change of status comes under each name asked for"
    )
    headers: Annotated[dict[str, str], Field(max_length=MOST_HEADERS), AfterValidator(_headers)] = Field(
        default_factory=dict, description="Sent along with every message; their values are never shown again"
    )
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = 10.0
    max_retries: Annotated[int, Field(ge=0, le=10, strict=True)] = 5
    description: Text = ""
    active: Annotated[bool, Field(strict=True)] = True


class Circuit(StrEnum):
    """Whether messages go out: `open` after many failures in a row, until `paused_until` or a reset."""

    CLOSED = "closed"
    OPEN = "open"


class WebhookOut(RecordOut):
    """A webhook as it is kept. header_names: the headers that are sent along, without their values."""

    url: str
    events: list[str]
    header_names: list[str]
    timeout_s: float
    max_retries: int
    description: str
    active: bool
    circuit: Circuit
    consecutive_failures: int
    paused_until: Time | None


class WebhookWithSecret(WebhookOut):
    """A webhook and its signing secret, which is shown this once."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD7sl5xNlKrk0="])


DeliveryStatus = Literal["pending", "delivered", "failed"]


class DeliveryOut(BaseModel):
    """One message and what came of it. id: its `webhook-id`. response: how the last answer began, at most 2 KB."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    webhook_id: str
    type: str
    payload: dict[str, Any]
    status: DeliveryStatus
    attempts: int
    created_at: Time
    next_at: Time | None
    last_at: Time | None
    response_status: int | None
    response: str | None
    error: str | None
    duration_ms: int | None
