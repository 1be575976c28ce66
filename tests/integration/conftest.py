"""A PostgreSQL that all tests share, and a control plane that those of one module do, each with tenants of its own.

A module takes part by `pytestmark = pytest.mark.asyncio(loop_scope="module")`; one that needs other settings, another
clock or a database to itself has a fixture `plane` of its own.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.integration.plane import Plane, shared
from tests.running_postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests; each has databases of its own."""
    with running_postgres() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    async with shared(tmp_path_factory.mktemp("standing")) as plane:
        yield plane


@pytest_asyncio.fixture(loop_scope="module")
async def plane(standing: Plane) -> AsyncIterator[Plane]:
    async with standing.for_one() as plane:
        yield plane
