"""A Janus of the test's own, on a free port of the loopback, with the rooms that tests need."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.running_redis import free_port

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu/janus")
OPEN, SECOND, THIRD, LOCKED, FULL, DEAF = 1234, 1235, 1236, 77, 1, 8
PIN = "sesame"
SERVER = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{libraries}/plugins"
  transports_folder = "{libraries}/transports"
  interface = "127.0.0.1"
  api_secret = "{secret}"
  debug_colors = false
}}
nat: {{
  ice_enforce_list = "lo,127.0.0.1"
  ice_ignore_list = ""
}}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
SOCKETS = 'general: {{ json = "compact" ws = true ws_port = {port} ws_interface = "lo" wss = false }}'
ROOMS = f"""
room-{OPEN}: {{ publishers = 6 audiocodec = "opus" }}
room-{SECOND}: {{ publishers = 6 audiocodec = "opus" }}
room-{THIRD}: {{ publishers = 6 audiocodec = "opus" }}
room-{LOCKED}: {{ publishers = 6 audiocodec = "opus" pin = "{PIN}" }}
room-{FULL}: {{ publishers = 1 audiocodec = "opus" }}
room-{DEAF}: {{ publishers = 6 audiocodec = "pcmu" }}
"""
BRIDGES = f"""
room-{OPEN}: {{ sampling_rate = 48000 }}
room-{LOCKED}: {{ sampling_rate = 48000 pin = "{PIN}" }}
"""


@dataclass(frozen=True)
class Janus:
    """A running server. secret: its API secret."""

    process: "subprocess.Popen[bytes]"
    port: int
    secret: str

    @property
    def server(self) -> str:
        return f"ws://127.0.0.1:{self.port}/janus"

    def room(self, room: int = OPEN, *, kind: str = "room", **query: str) -> str:
        """Return the address of a room, as it is given to a bot. kind: `room` or `bridge`."""
        more = "".join(f"&{name}={value}" for name, value in query.items())
        return f"janus+{self.server}?{kind}={room}{more}"


@contextmanager
def running_janus(folder: Path, *, port: int | None = None) -> Iterator[Janus]:
    """Start a server in `folder`, yield it when it answers, and stop it."""
    program = shutil.which("janus")
    assert program, "janus is needed: apt-get install janus"
    port, secret = port or free_port(), "only-for-clients"
    folder.mkdir(exist_ok=True)
    plugins = _all_but("plugins", "libjanus_videoroom.so", "libjanus_audiobridge.so")
    transports = _all_but("transports", "libjanus_websockets.so")
    settings = {"folder": folder, "libraries": LIBRARIES, "plugins": plugins, "transports": transports}
    (folder / "janus.jcfg").write_text(SERVER.format(secret=secret, **settings))
    (folder / "janus.transport.websockets.jcfg").write_text(SOCKETS.format(port=port))
    (folder / "janus.plugin.videoroom.jcfg").write_text(ROOMS)
    (folder / "janus.plugin.audiobridge.jcfg").write_text(BRIDGES)
    command = [program, "-F", str(folder), "-C", str(folder / "janus.jcfg")]
    with (
        (folder / "janus.log").open("ab") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            while not _answers(port):
                assert process.poll() is None, f"janus did not start; see {folder / 'janus.log'}"
            yield Janus(process, port, secret)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return True
    except OSError:
        return False


def _all_but(kind: str, *names: str) -> str:
    return ",".join(sorted(each.name for each in (LIBRARIES / kind).glob("*.so") if each.name not in names))
