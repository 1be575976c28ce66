"""Which parts run where: on one machine, on a control plane of a cluster, on a machine that only runs bots."""

import socket
from pathlib import Path

import pytest

from api.serving import node_parts, parts
from api.settings import load_settings
from orchestrator.children import Child

CLUSTER = {
    "launcher": "ray",
    "database_url": "postgresql+asyncpg://h/d",
    "event_bus_url": "redis://h",
    "storage_url": "s3://bucket/prefix",
    "internal_url": "http://balancer:8080",
}


def of(children: list[Child]) -> dict[str, str]:
    """Return the module each part runs, by its name."""
    return {child.name: child.argv[2] for child in children}


def test_bots_of_one_machine_have_a_host_there(tmp_path: Path) -> None:
    with socket.socket() as listener:
        found = parts(load_settings(data_dir=tmp_path), listener)
    assert of(found) == {"speech": "audio.server", "api": "api", "bots": "orchestrator.host"}


def test_bots_of_a_cluster_have_a_door_there_that_wants_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    with socket.socket() as listener:
        found = parts(load_settings(data_dir=tmp_path, **CLUSTER), listener)
        monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
        opened = parts(load_settings(data_dir=tmp_path, **CLUSTER), listener)
    assert of(found) == {"speech": "audio.server", "api": "api", "bots": "orchestrator.cluster"}
    assert found[-1].env["RAY_AUTH_MODE"] == "token"
    assert opened[-1].env["RAY_AUTH_MODE"] == "disabled", "the door says what is wrong with that, and ends"


def test_a_machine_that_only_runs_bots_carries_what_they_leave(tmp_path: Path) -> None:
    assert of(node_parts(load_settings(data_dir=tmp_path))) == {"speech": "audio.server", "bots": "orchestrator.host"}
    carried = of(node_parts(load_settings(data_dir=tmp_path, storage_url="s3://bucket")))
    assert carried == {"porter": "orchestrator.porter", "speech": "audio.server", "bots": "orchestrator.host"}
