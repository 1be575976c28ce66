"""What the embed-key endpoints take and give."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.interviews.schemas import Time
from api.origins import Origin
from api.postings.signing import KeyState
from api.records.fields import plain
from api.records.kinds import RecordIn

DAY_S = 86_400
LONGEST_LIFE_S, USUAL_LIFE_S = 730 * DAY_S, 365 * DAY_S
LONGEST_OVERLAP_S, USUAL_OVERLAP_S = 7 * DAY_S, DAY_S
MOST_ORIGINS = 20


def _once_each(origins: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(origins))


Origins = Annotated[tuple[Origin, ...], Field(min_length=1, max_length=MOST_ORIGINS), AfterValidator(_once_each)]
Seconds = Annotated[int, Field(strict=True, ge=0, lt=2**40)]


class EmbedKeyIn(RecordIn):
    """A new key. allowed_origins: of the pages that may embed the posting. life_s: how long it is good for."""

    allowed_origins: Origins
    life_s: Annotated[int, Field(strict=True, ge=60, le=LONGEST_LIFE_S)] = USUAL_LIFE_S


class RotateIn(RecordIn):
    """A successor for a key. overlap_s: how long the old one stays good; allowed_origins: null for the same."""

    overlap_s: Annotated[int, Field(strict=True, ge=0, le=LONGEST_OVERLAP_S)] = USUAL_OVERLAP_S
    allowed_origins: Origins | None = None


class VisitIn(RecordIn):
    """A signed visit, as the page that embeds hands it over, and the origin of that page as its browser says."""

    embed_id: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(plain)]
    sub: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(plain)]
    name: Annotated[str, StringConstraints(max_length=200), AfterValidator(plain)]
    email: Annotated[str, StringConstraints(max_length=320), AfterValidator(plain)]
    iat: Seconds
    exp: Seconds
    nonce: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,128}$")]
    origin: Annotated[str, StringConstraints(max_length=300), AfterValidator(plain)]
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    page_origin: Annotated[str, StringConstraints(max_length=300), AfterValidator(plain)]


class EmbedKeyOut(BaseModel):
    """A key, without its secret."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    embed_id: str
    kid: str
    state: KeyState
    allowed_origins: list[str]
    created_at: Time
    expires_at: Time
    revoked_at: Time | None


class NewEmbedKeyOut(EmbedKeyOut):
    """A new key. embed_signing_key is shown this once; keep it on your server, never in a page."""

    embed_signing_key: str


class VisitOut(BaseModel):
    """Who was let in."""

    model_config = ConfigDict(frozen=True)

    posting_id: str
    sub: str
    name: str
    email: str
