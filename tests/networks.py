"""Machines of their own as far as a network goes: namespaces joined by a bridge, whose links can be cut. Needs root."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count

_numbers = count(1)


def can_be_made() -> bool:
    """Whether this user may make namespaces and bridges here."""
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0


@dataclass(frozen=True)
class Nic:
    """One machine's place in the network. prefix: what a command is preceded by to run there."""

    name: str
    address: str

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """Pull the cable."""
        _ip("link", "set", f"{self.name}v", "down")

    def join(self) -> None:
        """Plug it in again."""
        _ip("link", "set", f"{self.name}v", "up")


@dataclass(frozen=True)
class Network:
    """address: of this machine in it."""

    address: str
    nics: tuple[Nic, ...]


@contextmanager
def network(machines: int) -> Iterator[Network]:
    """Make a bridge and so many namespaces on it, and take them away again."""
    number = os.getpid() % 200 + next(_numbers) % 50
    bridge, subnet = f"vvb{number}", f"10.{number}.77"
    with ExitStack() as stack:
        _ip("link", "add", bridge, "type", "bridge")
        stack.callback(_ip, "link", "del", bridge)
        _ip("address", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        nics = []
        for index in range(machines):
            nic = Nic(f"vv{number}n{index}", f"{subnet}.{index + 10}")
            _ip("netns", "add", nic.name)
            stack.callback(_ip, "netns", "del", nic.name)
            _ip("link", "add", f"{nic.name}v", "type", "veth", "peer", "name", "eth0", "netns", nic.name)
            _ip("link", "set", f"{nic.name}v", "master", bridge, "up")
            for command in (
                ("link", "set", "lo", "up"),
                ("address", "add", f"{nic.address}/24", "dev", "eth0"),
                ("link", "set", "eth0", "up"),
                ("route", "add", "default", "via", f"{subnet}.1"),
            ):
                _ip("-n", nic.name, *command)
            nics.append(nic)
        yield Network(f"{subnet}.1", tuple(nics))


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
