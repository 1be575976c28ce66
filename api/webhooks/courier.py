"""Carries one message to one webhook: signs it, posts it to a checked address, tells what came of it."""

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from api.errors import Invalid
from api.moments import Clock
from api.webhooks.signing import derive_secret, signed
from api.webhooks.tables import WebhookRow
from api.webhooks.targets import Target, Targets

KEPT_BYTES = 2048  # of what a webhook answers
GONE = 410
USER_AGENT = "vivavoce-webhooks/1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. status: of the answer, None without one; error: one sentence, None when delivered."""

    status: int | None
    response: str | None
    error: str | None
    duration_ms: int


class Courier:
    """Posts messages. root: the data directory's signing key; tls: whom to trust, by default what the system does."""

    def __init__(self, root: str, targets: Targets, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._root = root
        self._targets = targets
        self._clock = clock
        self._tls = tls or httpx.create_ssl_context(trust_env=False)

    def secret(self, webhook: WebhookRow) -> str:
        """Return the secret a webhook's messages are signed with."""
        return derive_secret(self._root, webhook.id, webhook.salt)

    async def carry(self, webhook: WebhookRow, message_id: str, payload: Mapping[str, Any]) -> Outcome:
        """Make one attempt; whatever goes wrong with it is its outcome."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "User-Agent": USER_AGENT,
            **webhook.body["headers"],
            "Content-Type": "application/json",
            **signed(message_id, self._clock(), body, self._secrets(webhook)),
        }
        began, limit = time.monotonic(), webhook.body["timeout_s"]
        status, response, error = None, None, None
        try:
            async with asyncio.timeout(limit):
                target = await self._targets.locate(webhook.body["url"])
                status, response = await self._post(target, headers, body)
        except TimeoutError:
            error = f"No whole answer within {limit:g} s; answer first and work later, or raise timeout_s."
        except Invalid as refusal:
            error = " ".join(f"{each.what}; {each.todo}." for each in refusal.complaints)
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            error = f"The connection failed: {str(trouble) or type(trouble).__name__}."
        else:
            error = _complaint(status)
        return Outcome(status, response, error, round((time.monotonic() - began) * 1000))

    async def _post(self, target: Target, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        url = target.url
        own = {**headers, "Host": url.netloc.decode(), "Connection": "close", "Accept-Encoding": "identity"}
        # A client of its own: a kept connection would be found again by address, whatever host its certificate names.
        async with httpx.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False, timeout=None) as client:
            request = client.build_request(
                "POST",
                url.copy_with(host=target.address),
                headers=own,
                content=body,
                extensions={"sni_hostname": url.raw_host.decode()},
            )
            answer = await client.send(request, stream=True)
            try:
                kept = bytearray()
                async for chunk in answer.aiter_raw():
                    kept += chunk[: KEPT_BYTES - len(kept)]
                    if len(kept) == KEPT_BYTES:
                        break
            finally:
                await answer.aclose()
        return answer.status_code, kept.decode(errors="replace").replace("\0", "\ufffd")

    def _secrets(self, webhook: WebhookRow) -> list[str]:
        secrets = [self.secret(webhook)]
        if webhook.previous_salt and webhook.previous_until and self._clock() < webhook.previous_until:
            secrets.append(derive_secret(self._root, webhook.id, webhook.previous_salt))
        return secrets


def _complaint(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"It answered {status}, and redirects are not followed; give the address it leads to."
    if status == GONE:
        return "It answered 410 (Gone), so the webhook was switched off."
    return f"It answered {status}; answer 2xx to accept a message."
