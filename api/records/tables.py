"""What every record has."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Constraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from api.database import Base, Moment

ID = String(64)
NAME = String(200)


class Record(Base):
    """One thing of one tenant. version rises with every change; a deleted one is kept until it is erased.

    external_ref: what its owner calls it, unique in the tenant while it is not deleted.
    """

    __abstract__ = True

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    version: Mapped[int] = mapped_column(default=1)
    external_ref: Mapped[str | None] = mapped_column(NAME)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Constraint | Index, ...]:
        name = cls.__tablename__
        return (
            UniqueConstraint("tenant", "external_ref", name=f"{name}_external_ref"),
            Index(f"{name}_by_tenant", "tenant", "created_at", "id"),
        )
