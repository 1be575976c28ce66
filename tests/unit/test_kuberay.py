"""`docs/kuberay.yaml`, as far as it can be checked without a Kubernetes: it can be read, and means what it says."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import Settings

FILE = Path(__file__).parents[2] / "docs" / "kuberay.yaml"
OTHERS = {"RAY_ADDRESS", "POD_IP", "MAX_BOTS"}  # read by Ray, by the manifest itself, by the bot host


@pytest.fixture(scope="module")
def manifests() -> dict[str, Any]:
    return {one["kind"]: one for one in yaml.safe_load_all(FILE.read_text())}


def test_a_control_plane_starts_with_its_settings(manifests: dict[str, Any]) -> None:
    (container,) = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]
    given = {one["name"]: one.get("value", "") for one in container["env"]}
    assert {name.lower() for name in given.keys() - OTHERS} <= Settings.model_fields.keys()
    common = manifests["ConfigMap"]["data"]
    assert common["RAY_AUTH_MODE"] == "token" and common["STORAGE_URL"].startswith("s3://")
    assert common["DRAIN_S"] == common["RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S"]


def test_a_worker_takes_as_many_bots_as_its_bot_host(manifests: dict[str, Any]) -> None:
    (group,) = manifests["RayCluster"]["spec"]["workerGroupSpecs"]
    places = json.loads(json.loads(group["rayStartParams"]["resources"]))
    pod = group["template"]["spec"]
    ray, node = pod["containers"]
    assert str(places["bot"]) == next(one["value"] for one in node["env"] if one["name"] == "MAX_BOTS")
    assert ray["volumeMounts"] == node["volumeMounts"], "the actor reaches the bot host by its socket"
    assert pod["terminationGracePeriodSeconds"] > float(manifests["ConfigMap"]["data"]["DRAIN_S"])
