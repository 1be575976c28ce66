"""The life of one evaluation: a table, and the one function that moves along it."""

from collections.abc import Mapping
from enum import StrEnum

from api.errors import IllegalMove


class EvaluationStatus(StrEnum):
    """Where an evaluation stands. Superseded: a newer version of its phase was completed.

    Withdrawn: somebody's consent is gone, and with it all that it held.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


_S = EvaluationStatus
TRANSITIONS: Mapping[EvaluationStatus, frozenset[EvaluationStatus]] = {
    _S.PENDING: frozenset({_S.PROCESSING, _S.FAILED}),
    _S.PROCESSING: frozenset({_S.COMPLETED, _S.FAILED}),
    _S.COMPLETED: frozenset({_S.SUPERSEDED, _S.WITHDRAWN}),
    _S.FAILED: frozenset({_S.SUPERSEDED}),
    _S.SUPERSEDED: frozenset({_S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset(),
}


def advance(status: EvaluationStatus, to: EvaluationStatus) -> EvaluationStatus:
    """Return `to`, or raise `IllegalMove` when no arrow leads there."""
    if to not in TRANSITIONS[status]:
        raise IllegalMove(status, to)
    return to
