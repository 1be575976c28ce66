"""What the endpoints of API keys take and give."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.interviews.schemas import Time
from api.records.fields import Short

Scope = Annotated[str, Field(min_length=1, max_length=64)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class CreateKey(BaseModel):
    """A new key. scopes: `resource:action`, `role:…`, `*`, or another product's name for them."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"name": "ATS", "scopes": ["role:recruiter"], "expires_at": "2030-01-01T00:00:00Z"}]
        },
    )

    name: Short
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=100)]
    expires_at: AwareDatetime | None = None
    per_minute: Count | None = None
    per_hour: Count | None = None


class KeyOut(BaseModel):
    """A key without its secret. last_used_at: to a quarter of an hour."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    name: str
    scopes: list[str]
    per_minute: int | None
    per_hour: int | None
    created_by: str
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    last_used_at: Time | None


class NewKeyOut(KeyOut):
    """A key as it is shown once. key: what to send as the bearer token."""

    key: str
