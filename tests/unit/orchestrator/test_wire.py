"""The bot host's lines: what goes in comes out, and nothing else is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator import Exited, LaunchHandle, LaunchStatus, Lost, Pending, Running, wire

handles = st.builds(LaunchHandle, st.text(), st.text(), st.integers())
statuses = st.one_of(
    st.builds(Running, st.none() | st.integers()),
    st.builds(Exited, st.integers(), st.text(), st.booleans()),
    st.builds(Lost, st.text()),
    st.just(Pending()),
)


@given(handles)
def test_a_handle_survives_the_wire(handle: LaunchHandle) -> None:
    line = wire.pack(wire.pack_handle(handle))
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert wire.unpack_handle(wire.unpack(line)) == handle


@given(statuses)
def test_a_status_survives_the_wire(status: LaunchStatus) -> None:
    assert wire.unpack_status(wire.unpack(wire.pack(wire.pack_status(status)))) == status


@pytest.mark.parametrize("line", [b"", b"\xff\n", b"{", b"[1]\n", b"null\n"])
def test_what_is_no_object_is_refused(line: bytes) -> None:
    with pytest.raises(wire.BadLine):
        wire.unpack(line)


@pytest.mark.parametrize("fields", [{}, {"is": "well"}, {"is": "exited", "code": "0", "reason": ""}])
def test_an_unknown_status_is_refused(fields: wire.Json) -> None:
    with pytest.raises(wire.BadLine):
        wire.unpack_status(fields)
