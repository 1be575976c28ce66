"""What every test shares: virtual time for the unit tests, patience with a busy machine."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.virtual_time import VirtualTimeLoop

_UNIT = Path(__file__).parent / "unit"

# A busy machine is no fault of what is tested.
settings.register_profile("anywhere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anywhere")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "virtual_time: the clock jumps to the next timer (the default in tests/unit)")
    config.addinivalue_line("markers", "real_time: the ordinary clock, for a unit test that needs it")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Unit tests run in virtual time, everything else in real time, unless a marker says otherwise."""
    virtual = item.path.is_relative_to(_UNIT) and item.get_closest_marker("real_time") is None
    if virtual or item.get_closest_marker("virtual_time") is not None:
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
