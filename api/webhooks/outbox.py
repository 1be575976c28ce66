"""The transactional outbox: what webhooks are to be told is kept or lost together with what it tells of."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.webhooks.events import NAMES, STATUS, Notice
from api.webhooks.tables import NoticeRow


def enqueue(session: AsyncSession, tenant: str, event: Notice) -> None:
    """Have the tenant's webhooks told, once the transaction is committed. Nothing is asked of the database here."""
    if event.type not in NAMES:
        raise ValueError(f"{event.type!r} is none of {', '.join(NAMES)}")
    session.add(NoticeRow(tenant=tenant, type=event.type, at=event.at, data=dict(event.data)))


def status_notice(
    interview_id: str, status: str, previous: str, reason: str | None, at: datetime, external_ref: str | None = None
) -> Notice:
    """Return the notice of an interview's change of status."""
    data: dict[str, Any] = {"interview_id": interview_id, "status": status, "previous": previous, "reason": reason}
    return Notice(STATUS, at, data if external_ref is None else data | {"external_ref": external_ref})
