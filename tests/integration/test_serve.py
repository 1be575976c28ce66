"""`vivavoce serve` as a user runs it: its own processes, its real parts, its deaths and its end."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest

from api.embedded import speech_environment
from api.serving import BOTS_DEAF_S
from api.settings import load_settings
from audio import VOICE_RATE, Urgency
from audio.client import SpeechClient
from audio.errors import AudioError
from bot.state import EXIT_HANDED_OVER
from orchestrator import LaunchHandle, Running
from orchestrator.launchers.process import ProcessLauncher
from tests.guards import HANG_S
from tests.running_foreign_speech import TONE, foreign_speech
from tests.running_host import ROOT

READY_S = 60
PAYLOAD = {"BOT_ENTRY": "tests.fakes.payload:prepare"}
# A speech service elsewhere leaves two parts to start, in a third of the time.
NO_SPEECH = {"STT_URL": "http://127.0.0.1:9/v1", "STT_MODEL": "elsewhere", "TTS_URL": "http://127.0.0.1:9/v1"}


@dataclass
class Serve:
    """A running `vivavoce serve`. said: its standard output up to the sign-in link."""

    process: subprocess.Popen[str]
    data_dir: Path
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return next(line.split()[1] for line in self.said if line.startswith("ready "))

    @property
    def admin_token(self) -> str:
        return self.said[-1].partition("#token=")[2]

    def parts(self) -> dict[str, psutil.Process]:
        """Return the children by the module they run."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                words = child.cmdline()
            except psutil.NoSuchProcess:  # killed a moment ago; a zombie is one of them
                continue
            if "-m" in words:
                found[words[words.index("-m") + 1]] = child
        return found

    def start_bot(self, behaviour: str = "Polite") -> LaunchHandle:
        """Start an interview whose bot behaves as `tests/fakes/payload.py` says; return when it does."""
        question = {"id": "q1", "text": "What did you build last?"}
        plan = {"title": "Engineer", "sections": [{"id": "main", "name": "Main", "questions": [question]}]}
        with httpx.Client(headers={"Authorization": f"Bearer {self.admin_token}"}, timeout=HANG_S) as client:
            body = {"plan": plan, "candidate": {"name": behaviour}}
            made = client.post(f"{self.url}/v1/interviews", json=body).raise_for_status().json()
            started = client.post(f"{self.url}/v1/interviews/{made['id']}/start").raise_for_status().json()
        attempt = started["attempt"]
        until((self.data_dir / "outbox" / f"{attempt['id']}-{attempt['epoch']}.listening").exists)
        return LaunchHandle(made["id"], attempt["id"], attempt["epoch"])

    def endings(self) -> dict[str, tuple[str, str]]:
        """Return status and reason of every interview, as they are on disk."""
        with contextlib.closing(sqlite3.connect(self.data_dir / "vivavoce.db")) as database:
            rows = database.execute("SELECT id, status, status_reason FROM interview")
            return {interview_id: (status, reason) for interview_id, status, reason in rows}

    def kill_part(self, module: str) -> None:
        """Kill one part as the kernel's out-of-memory killer would, and return when another has taken its place."""
        before = self.parts()[module]
        before.kill()
        until(lambda: self.parts().get(module, before).pid != before.pid)


def until(true: Callable[[], object], within_s: float = HANG_S) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def start(data_dir: Path, *options: str, env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--data-dir", str(data_dir), *options],
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving(data_dir: Path, env: dict[str, str]) -> Iterator[Serve]:
    process = start(data_dir, "--port", "0", "--quiet", env=PAYLOAD | env)
    serve = Serve(process, data_dir)
    assert process.stdout is not None and process.stderr is not None
    try:
        for line in process.stdout:
            serve.said.append(line.rstrip())
            if line.startswith("sign in: "):
                break
        else:
            pytest.fail(f"never ready: {process.stderr.read()}")
        yield serve
    finally:
        process.kill()
        process.communicate()


def refused(data_dir: Path, *options: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    process = start(data_dir, "--quiet", *options, env=PAYLOAD | (env or {}))
    _, said = process.communicate(timeout=READY_S)
    assert "Traceback" not in said
    return process.returncode, said


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    with serving(tmp_path_factory.mktemp("serve") / "data", {}) as running:
        yield running


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Serve]:
    with serving(tmp_path / "data", NO_SPEECH) as running:
        yield running


def test_ready_is_said_when_all_three_parts_are(serve: Serve) -> None:
    assert re.fullmatch(r"ready http://127\.0\.0\.1:\d+", serve.said[-2])
    assert set(serve.parts()) == {"audio.server", "api", "orchestrator.host"}
    health = httpx.get(f"{serve.url}/v1/health", timeout=HANG_S).json()
    assert (health["status"], health["launcher"]) == ("ok", "ok")
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(serve.data_dir / "run" / "speech.sock"))) as speech:
        assert speech.get("http://speech/health").status_code == 200


def test_the_sign_in_link_opens_the_api_and_nothing_else_does(serve: Serve) -> None:
    with_token = {"Authorization": f"Bearer {serve.admin_token}"}
    assert httpx.get(f"{serve.url}/v1/interviews", headers=with_token, timeout=HANG_S).status_code == 200
    assert httpx.get(f"{serve.url}/v1/interviews", timeout=HANG_S).status_code == 401


def test_a_token_from_the_command_line_opens_it_too(serve: Serve) -> None:
    command = [sys.executable, "-m", "api.cli", "token", "--data-dir", str(serve.data_dir), "--tenant", "acme"]
    token = subprocess.run(
        [*command, "--scopes", "interviews:read"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    bearer = {"Authorization": f"Bearer {token.stdout.strip()}"}
    assert httpx.get(f"{serve.url}/v1/interviews", headers=bearer, timeout=HANG_S).status_code == 200
    assert httpx.post(f"{serve.url}/v1/interviews", headers=bearer, json={}, timeout=HANG_S).status_code == 403


def test_what_is_secret_is_readable_by_its_owner_alone(serve: Serve) -> None:
    sockets, databases = list((serve.data_dir / "run").glob("*.sock")), list(serve.data_dir.glob("vivavoce.db*"))
    assert len(sockets) == 2 and databases
    secrets = [serve.data_dir / "secret", *sockets, *databases]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert stat.S_IMODE(serve.data_dir.stat().st_mode) == 0o700


def test_a_data_directory_serves_one_at_a_time(serve: Serve) -> None:
    code, said = refused(serve.data_dir, "--port", "0")
    assert code == 2
    assert f"another `vivavoce serve` (process {serve.process.pid})" in said and "--data-dir" in said


def test_a_port_in_use_is_named_and_nothing_is_started(serve: Serve, tmp_path: Path) -> None:
    port = serve.url.rpartition(":")[2]
    code, said = refused(tmp_path / "other", "--port", port)
    assert code == 2
    assert f"port {port} on 127.0.0.1 is in use" in said and "--port" in said
    assert not list((tmp_path / "other" / "run").glob("*.sock"))


async def test_a_killed_api_leaves_bots_running_and_its_clients_wait(serve: Serve) -> None:
    launcher = ProcessLauncher(serve.data_dir)
    handle = serve.start_bot()
    before = await launcher.poll(handle)
    serve.kill_part("api")
    async with httpx.AsyncClient(timeout=30) as client:  # one request, never refused: the socket outlives the API
        assert (await client.get(f"{serve.url}/v1/health")).status_code == 200
    assert isinstance(before, Running) and await launcher.poll(handle) == before


async def test_a_killed_speech_server_comes_back_and_bots_do_not_notice(serve: Serve) -> None:
    launcher = ProcessLauncher(serve.data_dir)
    handle = serve.start_bot()
    before = await launcher.poll(handle)
    serve.kill_part("audio.server")
    async with httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(uds=str(serve.data_dir / "run" / "speech.sock"), retries=0), timeout=30
    ) as speech:
        deadline = time.monotonic() + HANG_S
        while time.monotonic() < deadline:
            try:
                assert (await speech.get("http://speech/health")).status_code == 200
                break
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        else:
            pytest.fail("the speech server did not come back")
    assert isinstance(before, Running) and await launcher.poll(handle) == before


def test_a_killed_bot_host_comes_back_and_nothing_outlives_a_serve_that_is_killed(light: Serve) -> None:
    assert set(light.parts()) == {"api", "orchestrator.host"}
    light.kill_part("orchestrator.host")
    until(lambda: httpx.get(f"{light.url}/v1/health", timeout=HANG_S).json()["launcher"] == "ok")
    light.start_bot("Stubborn")
    family = psutil.Process(light.process.pid).children(recursive=True)
    light.process.kill()
    until(lambda: not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family))


def test_parts_that_stand_still_are_started_again(light: Serve) -> None:
    before = light.parts()
    for part in before.values():
        part.suspend()
    for name, part in before.items():
        until(lambda name=name, part=part: light.parts().get(name, part).pid != part.pid, HANG_S + BOTS_DEAF_S)
    until(lambda: httpx.get(f"{light.url}/v1/health", timeout=HANG_S).json()["launcher"] == "ok")


def test_interrupted_it_lets_bots_leave_and_leaves_nothing_behind(light: Serve) -> None:
    polite, stubborn = light.start_bot("Polite"), light.start_bot("Stubborn")
    family = psutil.Process(light.process.pid).children(recursive=True)
    assert len(family) == 4
    light.process.send_signal(signal.SIGINT)
    assert light.process.wait(HANG_S) == 0
    assert not [process for process in family if process.is_running()]
    host_log = (light.data_dir / "run" / "logs" / "bots.log").read_text()
    assert re.search(rf"bot_exited.*attempt={polite.attempt_id}.*reason=finished", host_log)
    assert re.search(rf"bot_killed.*attempt={stubborn.attempt_id}", host_log)
    assert not list((light.data_dir / "run").glob("*.sock"))
    called_off = ("cancelled", "cancelled")  # by us, and not a crash
    assert light.endings() == {polite.interview_id: called_off, stubborn.interview_id: called_off}


def test_a_deploy_waits_for_calls_and_hands_over_the_rest(tmp_path: Path) -> None:
    """SIGTERM: who ends in time ends, nobody else starts, and the next server goes on with what is left."""
    with serving(tmp_path, NO_SPEECH | {"DRAIN_S": "1.5"}) as before:
        polite = before.start_bot("Polite")
        began = time.monotonic()
        before.process.send_signal(signal.SIGTERM)
        assert before.process.wait(HANG_S) == 0
        assert time.monotonic() - began >= 1.5
        assert before.endings() == {polite.interview_id: ("joining", None)}
        host_log = (tmp_path / "run" / "logs" / "bots.log").read_text()
        assert re.search(rf"bot_exited.*attempt={polite.attempt_id}.*code={EXIT_HANDED_OVER}", host_log)
    with serving(tmp_path, NO_SPEECH) as after:
        until((tmp_path / "outbox" / f"{polite.attempt_id}-2.listening").exists)
        assert after.endings() == {polite.interview_id: ("joining", None)}


def test_a_model_that_is_not_there_ends_it_with_one_message(tmp_path: Path) -> None:
    code, said = refused(tmp_path / "data", "--port", "0", env={"STT_MODEL": str(tmp_path / "no-model")})
    assert code == 2
    assert said.startswith("vivavoce: speech: ") and said.count("\n") == 1
    assert str(tmp_path / "no-model") in said


def test_damaged_weights_end_it_with_one_message(tmp_path: Path) -> None:
    damaged = tmp_path / "vivavoce" / "models" / "whisper-base" / "config.json"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{}")
    code, said = refused(tmp_path / "data", "--port", "0", env={"XDG_CACHE_HOME": str(tmp_path)})
    assert code == 2
    assert said.startswith("vivavoce: speech: ") and said.count("\n") == 1
    assert str(damaged) in said and "SHA-256" in said


def test_settings_that_cannot_work_are_refused_before_anything_starts(tmp_path: Path) -> None:
    code, said = refused(tmp_path / "data", "--port", "0", env={"LLM_MODEL": "some-model"})
    assert code == 2 and "LLM_URL" in said
    assert not (tmp_path / "data").exists()


def test_a_data_directory_too_deep_for_sockets_is_refused(tmp_path: Path) -> None:
    code, said = refused(tmp_path / ("deep" * 25), "--port", "0")
    assert code == 2 and "too long for sockets" in said and "--data-dir" in said


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    code, said = refused(tmp_path, "--port", "0", "--host", "192.0.2.1")
    assert code == 2 and "192.0.2.1 is no address of this machine" in said


def test_a_port_that_was_just_used_can_be_used_again(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for _ in range(2):
        process = start(tmp_path / "data", "--port", str(port), "--quiet", env=PAYLOAD | NO_SPEECH)
        assert process.stdout is not None
        until(lambda out=process.stdout: out.readline().startswith("ready "))  # type: ignore[misc]
        httpx.get(f"http://127.0.0.1:{port}/v1/health", timeout=HANG_S)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=HANG_S)
        assert process.returncode == 0


def embedded(serve: Serve) -> dict[str, object]:
    """Return what the embedded speech server says of itself."""
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(serve.data_dir / "run" / "speech.sock"))) as speech:
        told: dict[str, object] = speech.get("http://speech/health").json()
    return told


@asynccontextmanager
async def as_a_bot(**settings: object) -> AsyncIterator[SpeechClient]:
    """A connection to speech as bots are told to make it."""
    service = load_settings(**settings).speech_service()
    client = SpeechClient(
        stt_url=service.stt_url,
        stt_socket=service.stt_socket,
        stt_model=service.stt_model,
        stt_key=service.stt_key.get_secret_value(),
        tts_url=service.tts_url,
        tts_socket=service.tts_socket,
        tts_key=service.tts_key.get_secret_value(),
    )
    yield client
    await client.aclose()


async def test_a_recogniser_elsewhere_leaves_the_embedded_server_a_voice_alone(tmp_path: Path) -> None:
    with foreign_speech() as foreign:
        chosen = {"stt_url": foreign.url, "stt_model": "elsewhere/whisper-huge", "stt_key": "k3y"}
        with serving(tmp_path / "data", {name.upper(): value for name, value in chosen.items()}) as serve:
            told = embedded(serve)
            assert (told["model"], told["queue"]) == (None, None)
            assert not {"STT_MODEL", "STT_KEY", "STT_URL"} & serve.parts()["audio.server"].environ().keys()
            async with as_a_bot(data_dir=serve.data_dir, **chosen) as speech:
                heard = await speech.transcribe(TONE, urgency=Urgency.FINAL, lane="a")
                said = sum([len(piece) async for piece in speech.speak("Good morning.")]) / VOICE_RATE
    assert heard.text == "heard elsewhere"
    assert foreign.models == ["elsewhere/whisper-huge"] and foreign.keys == ["k3y"]
    assert 0.5 < said < 2


async def test_a_voice_elsewhere_leaves_the_embedded_server_a_recogniser_alone(tmp_path: Path) -> None:
    with foreign_speech() as foreign, serving(tmp_path / "data", {"TTS_URL": foreign.url}) as serve:
        told = embedded(serve)
        assert (told["model"], told["spoken_languages"]) == ("base", [])
        assert not serve.parts()["audio.server"].children()  # no voice's process
        async with as_a_bot(data_dir=serve.data_dir, tts_url=foreign.url) as speech:
            heard = await speech.transcribe(TONE, urgency=Urgency.FINAL, lane="a")
            said = np.concatenate([piece async for piece in speech.speak("Good morning.")])
        async with as_a_bot(data_dir=serve.data_dir) as speech:
            with pytest.raises(AudioError, match="without a voice"):
                _ = [piece async for piece in speech.speak("Good morning.")]
    assert heard.text == ""
    assert np.array_equal(said, TONE)


def test_the_speech_server_is_told_what_concerns_it_and_nothing_else() -> None:
    given = {"PATH": "/bin", "STT_MODEL": "small", "STT_WORKERS": "2", "LLM_KEY": "k", "turn_password": "p"}
    assert speech_environment(load_settings(stt_model="small"), given) == {
        "PATH": "/bin",
        "STT_MODEL": "small",
        "STT_WORKERS": "2",
    }
    elsewhere = load_settings(stt_url="http://h/v1", stt_model="huge")
    assert speech_environment(elsewhere, given) == {"PATH": "/bin", "STT_WORKERS": "2"}
