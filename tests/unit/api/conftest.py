"""What these tests share."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command sets up logs for its process, on a standard error that here is closed after the test."""
    yield
    structlog.reset_defaults()
