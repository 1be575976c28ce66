"""What a client raises.

ControlPlaneError
 ├─ Refused        the server said no; its problem document says why
 └─ Unreachable    no answer came (retryable)
"""

import httpx
from pydantic import ValidationError

from api.errors import ControlPlaneError
from api.problems import FieldProblem, Problem

UNTOLD = "untold"  # the code of an answer that is no problem document: a proxy's, perhaps


class Refused(ControlPlaneError):
    """The server said no. problem: its own words (RFC 9457); problem.code is for programs."""

    code = "refused"

    def __init__(self, problem: Problem) -> None:
        super().__init__("\n".join([problem.detail, *(_sentence(error) for error in problem.errors)]))
        self.problem = problem

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status


class Unreachable(ControlPlaneError):
    """No answer from the server."""

    code = "unreachable"
    retryable = True

    def __init__(self, address: httpx.URL, why: Exception) -> None:
        super().__init__(f"no answer from {address}: {why or type(why).__name__}")


def untold(status: int, detail: str) -> Problem:
    """Return a problem in place of the one that should have come."""
    return Problem(title="", status=status, detail=detail, code=UNTOLD, request_id="")


def problem_of(answer: httpx.Response) -> Problem:
    """Return the problem that a refusal holds; its body has been read."""
    try:
        return Problem.model_validate_json(answer.content)
    except ValidationError:
        return untold(answer.status_code, f"the server answered {answer.status_code}")


def _sentence(error: FieldProblem) -> str:
    return f"  {'.'.join(str(part) for part in error.loc)}: {error.what}; {error.todo}"
