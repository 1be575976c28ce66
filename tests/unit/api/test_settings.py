"""Settings: what they mean, and what can't work."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.errors import BadSettings
from api.serving import cautions
from api.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def bare_environment() -> Iterator[None]:
    """No setting of the machine's gets in."""
    ours = {name: os.environ.pop(name) for name in list(os.environ) if name.lower() in Settings.model_fields}
    yield
    os.environ.update(ours)


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    assert settings.database == f"sqlite+aiosqlite:///{tmp_path}/vivavoce.db"
    assert settings.public == settings.internal == "http://127.0.0.1:8080"
    assert settings.needs_speech_server
    assert settings.chat_service() is None
    assert settings.ice_servers() == ()
    speech = settings.speech_service()
    assert speech.stt_socket == speech.tts_socket == tmp_path / "run" / "speech.sock"


def test_bots_reach_a_server_that_listens_everywhere_on_the_loopback() -> None:
    assert load_settings(listen_host="0.0.0.0", listen_port=9000).internal == "http://127.0.0.1:9000"
    assert load_settings(listen_host="::", listen_port=9000).internal == "http://[::1]:9000"


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_links_of_a_server_that_listens_everywhere_can_be_opened(everywhere: str) -> None:
    settings = load_settings(listen_host=everywhere, listen_port=9000)
    host = urlsplit(settings.public).hostname
    assert host is not None and host not in {"0.0.0.0", "::"}
    with socket.socket() as probe:
        probe.bind((host, 0))  # an address of this machine
    [address, *_] = cautions(settings)
    assert "PUBLIC_URL is not set" in address and settings.public in address


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({}, False),
        ({"public_url": "https://voice.example.org"}, False),
        ({"listen_host": "::1"}, False),
        ({"public_url": "http://localhost:9"}, False),
        ({"public_url": "http://voice.example.org"}, True),
        ({"listen_host": "192.168.1.7"}, True),
        ({"listen_host": "0.0.0.0", "public_url": "https://voice.example.org"}, False),
    ],
)
def test_it_is_said_when_browsers_will_give_no_microphone(settings: dict[str, str], warned: bool) -> None:
    told = list(cautions(load_settings(**settings)))
    assert bool(told) is warned
    assert all("HTTPS" in line and "PUBLIC_URL=https://" in line for line in told)


def test_models_elsewhere_take_the_place_of_the_embedded_ones() -> None:
    settings = load_settings(
        stt_url="https://api.example.org/v1/",
        stt_model="whisper-large",
        stt_key="s3cret",
        tts_url="https://api.example.org/v1",
        llm_url="http://llm:8000/v1",
        llm_model="small",
    )
    assert not settings.needs_speech_server
    speech, chat = settings.speech_service(), settings.chat_service()
    assert (speech.stt_url, speech.stt_socket, speech.stt_model) == (
        "https://api.example.org/v1",
        None,
        "whisper-large",
    )
    assert chat is not None
    assert chat.model == "small"
    assert "s3cret" not in repr(settings) + repr(speech)


def test_turn_is_handed_out_as_browsers_want_it() -> None:
    settings = load_settings(
        stun_urls="stun:a:3478", turn_urls="turn:b:3478, turns:b:5349", turn_username="u", turn_password="p"
    )
    assert settings.ice_servers() == (
        {"urls": ["stun:a:3478"]},
        {"urls": ["turn:b:3478", "turns:b:5349"], "username": "u", "credential": "p"},
    )


RAY: dict[str, object] = {
    "launcher": "ray",
    "database_url": "postgresql+asyncpg://h/d",
    "event_bus_url": "redis://h",
    "storage_url": "s3://bucket/prefix",
    "internal_url": "http://balancer:8080",
}


def test_bots_on_many_machines_need_what_all_machines_reach() -> None:
    assert load_settings(**RAY).internal == "http://balancer:8080"


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"database_url": "sqlite:///x.db"}, "DATABASE_URL"),
        ({"database_url": "sqlite+aiosqlite://"}, "DATABASE_URL"),
        ({"database_url": "mysql://h/d"}, "sqlite+aiosqlite, postgresql+asyncpg"),
        ({"event_bus_url": "kafka://h"}, "EVENT_BUS_URL"),
        ({"dialects": "lira,lira"}, "DIALECTS"),
        ({"dialects": "zoom"}, "one of lira, instaview, jobmojito, maya"),
        ({"dialects": "maya=maya"}, "may be moved: maya=/maya"),
        ({"dialects": "instaview=/v1"}, "not below /v1"),
        ({"dialects": "lira,instaview=/api/v1"}, "/api"),
        ({"launcher": "rocket"}, "LAUNCHER: there is no launcher 'rocket'; choose one of process, ray"),
        (RAY | {"database_url": None}, "LAUNCHER: bots on many machines need a database"),
        (RAY | {"event_bus_url": "memory://"}, "LAUNCHER: bots on many machines need a bus"),
        (RAY | {"storage_url": None}, "LAUNCHER: what bots on other machines record has to get here"),
        (RAY | {"internal_url": None}, "LAUNCHER: bots on other machines can't reach this one at a loopback address"),
        ({"storage_url": "s3:///folder"}, "STORAGE_URL: name a bucket"),
        ({"storage_url": "/var/recordings"}, "STORAGE_URL: name a bucket"),
        ({"public_url": "voice.example.org"}, "PUBLIC_URL"),
        ({"public_url": "https://voice.example.org/#x"}, "PUBLIC_URL"),
        ({"stt_url": "http://h/v1"}, "STT_MODEL"),
        ({"stt_url": "http://h/v1", "stt_model": "m", "stt_socket": Path("/s")}, "STT_SOCKET"),
        ({"llm_url": "http://h/v1"}, "LLM_MODEL"),
        ({"llm_key": "k"}, "LLM_URL"),
        ({"turn_urls": "turn:h"}, "TURN_USERNAME"),
        ({"turn_username": "u"}, "TURN_URLS"),
        ({"stun_urls": "http://h"}, "STUN_URLS"),
        ({"silence_end_s": 5}, "SILENCE_END_S"),
        ({"listen_port": 70000}, "LISTEN_PORT"),
        ({"jwt_secret": "x" * 31}, "JWT_SECRET: HS256 needs 32 bytes"),
        ({"jwt_secret": "-----BEGIN PUBLIC KEY-----" + "x" * 40}, "JWT_JWKS_FILE"),
        ({"jwt_secret": "x" * 32, "jwt_jwks_url": "https://i", "jwt_issuer": "i", "jwt_audience": "a"}, "set only one"),
        ({"jwt_jwks_url": "https://i.example.org/keys", "jwt_issuer": "i"}, "JWT_ISSUER and JWT_AUDIENCE"),
        ({"jwt_jwks_file": "/no/such", "jwt_issuer": "i", "jwt_audience": "a"}, "JWT_JWKS_FILE: there is no such file"),
        ({"jwt_tenant_claim": "org"}, "JWT_TENANT_CLAIM: set, but none of JWT_SECRET"),
        ({"jwt_secret": "x" * 32, "jwt_issuer": "vivavoce"}, "JWT_ISSUER: 'vivavoce'"),
        ({"rate_per_minute": -1}, "RATE_PER_MINUTE"),
    ],
)
def test_what_can_not_work_is_refused_by_name(wrong: dict[str, object], names: str) -> None:
    with pytest.raises(BadSettings) as refusal:
        load_settings(**wrong)
    assert names in str(refusal.value)


def test_all_of_it_is_named_at_once_and_no_secret_with_it() -> None:
    with pytest.raises(BadSettings) as refusal:
        load_settings(llm_key="s3cret", turn_urls="turn:h", event_bus_url="kafka://u:s3cret@h")
    assert len(refusal.value.complaints) == 3
    assert "s3cret" not in str(refusal.value)
