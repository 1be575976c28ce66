"""What belongs to a tenant as a whole: its keys, its webhooks, and whom it forgot."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from api.candidates.erasure import EraseCandidate, ErasureOut
from api.client.records import if_match
from api.client.wire import Wire
from api.interviews.schemas import Page
from api.keys.schemas import CreateKey, KeyOut, NewKeyOut
from api.webhooks.schemas import DeliveryOut, DeliveryStatus, WebhookIn, WebhookOut, WebhookWithSecret

Json = Mapping[str, Any]


class Keys:
    """API keys."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def create(self, wanted: CreateKey | Json) -> NewKeyOut:
        """Make a key, which is shown this once."""
        return await self._wire.read(NewKeyOut, "POST", "/v1/keys", body=wanted)

    async def get(self, id: str) -> KeyOut:
        """Return a key without its secret."""
        return await self._wire.read(KeyOut, "GET", f"/v1/keys/{id}")

    async def page(self, page: int = 1, limit: int = 20) -> Page[KeyOut]:
        """Return one page, newest first."""
        return await self._wire.page(KeyOut, "/v1/keys", page, limit, {})

    def each(self) -> AsyncIterator[KeyOut]:
        """Iterate over all of them, newest first."""
        return self._wire.each(KeyOut, "/v1/keys", {})

    async def revoke(self, id: str) -> None:
        """Revoke a key for good."""
        await self._wire.ask("DELETE", f"/v1/keys/{id}")


class Webhooks:
    """Webhooks and what was sent to them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def create(self, wanted: WebhookIn | Json) -> WebhookWithSecret:
        """Register a webhook, whose signing secret is shown this once."""
        return await self._wire.read(WebhookWithSecret, "POST", "/v1/webhooks", body=wanted)

    async def get(self, id: str) -> WebhookOut:
        """Return a webhook."""
        return await self._wire.read(WebhookOut, "GET", f"/v1/webhooks/{id}")

    async def page(self, page: int = 1, limit: int = 20) -> Page[WebhookOut]:
        """Return one page, newest first."""
        return await self._wire.page(WebhookOut, "/v1/webhooks", page, limit, {})

    def each(self) -> AsyncIterator[WebhookOut]:
        """Iterate over all of them, newest first."""
        return self._wire.each(WebhookOut, "/v1/webhooks", {})

    async def change(self, id: str, patch: Json, *, version: int | None = None) -> WebhookOut:
        """Change a webhook by a JSON merge patch."""
        return await self._wire.read(WebhookOut, "PATCH", f"/v1/webhooks/{id}", body=patch, headers=if_match(version))

    async def delete(self, id: str, *, version: int | None = None) -> None:
        """Delete a webhook."""
        await self._wire.ask("DELETE", f"/v1/webhooks/{id}", headers=if_match(version))

    async def rotate_secret(self, id: str) -> WebhookWithSecret:
        """Make a new signing secret; the old one signs along for a day."""
        return await self._wire.read(WebhookWithSecret, "POST", f"/v1/webhooks/{id}/rotate-secret")

    async def reset(self, id: str) -> WebhookOut:
        """Have what waits after failures sent at once."""
        return await self._wire.read(WebhookOut, "POST", f"/v1/webhooks/{id}/reset")

    async def ping(self, id: str) -> DeliveryOut:
        """Send a ping and tell what came of it."""
        return await self._wire.read(DeliveryOut, "POST", f"/v1/webhooks/{id}/ping")

    def deliveries(self, id: str, status: DeliveryStatus | None = None) -> AsyncIterator[DeliveryOut]:
        """Iterate over what was sent, newest first."""
        return self._wire.each(DeliveryOut, f"/v1/webhooks/{id}/deliveries", {"status": status})

    async def retry(self, id: str, delivery_id: str) -> DeliveryOut:
        """Send a message again."""
        return await self._wire.read(DeliveryOut, "POST", f"/v1/webhooks/{id}/deliveries/{delivery_id}/retry")


class Privacy:
    """Forgetting candidates."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def erase(self, wanted: EraseCandidate | Json) -> ErasureOut:
        """Erase a candidate for good, and return the receipt."""
        return await self._wire.read(ErasureOut, "POST", "/v1/privacy/erasures", body=wanted)

    def receipts(self) -> AsyncIterator[ErasureOut]:
        """Iterate over the receipts, newest first."""
        return self._wire.each(ErasureOut, "/v1/privacy/erasures", {})
