"""Traces as a collector receives them, and none where nobody asked."""

import asyncio
import gzip
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.integration.plane import running, until, uplink

trace_service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")


class Collector:
    """Takes spans by OTLP over HTTP. spans: those that came, by name."""

    def __init__(self) -> None:
        self.spans: dict[str, Any] = {}
        self.bodies: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.bodies.append(body)
                for resource in trace_service.ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        collector.spans.update({span.name: span for span in scope.spans})
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    collector = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    thread = Thread(target=collector.server.serve_forever)
    thread.start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()
    thread.join()


def facts(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


async def test_a_call_is_one_trace_from_its_request_to_its_turns(collector: Collector, tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.says(2, 1, "A secret of mine.")
            await bot.event(3, "latency", wait_ms=250, text_ms=100.5, brain_ms=2, first_sound_ms=190, total_ms=550)
            await bot.event(4, "ended", reason="no_show", report={})
            await until(client, interview_id, "no_show")
    request = collector.spans["POST /v1/interviews/{interview_id}/start"]
    attempt, turn = collector.spans["attempt"], collector.spans["turn"]
    assert request.trace_id == attempt.trace_id == turn.trace_id
    assert (attempt.parent_span_id, turn.parent_span_id) == (request.span_id, attempt.span_id)
    assert (turn.end_time_unix_nano - turn.start_time_unix_nano) == 550_000_000
    named = facts(turn)
    assert {name: named[f"vivavoce.{name}"] for name in ("wait_ms", "text_ms", "brain_ms", "first_sound_ms")} == {
        "wait_ms": 250.0,
        "text_ms": 100.5,
        "brain_ms": 2.0,
        "first_sound_ms": 190.0,
    }
    assert facts(attempt)["vivavoce.reason"] == "no_show"
    assert collector.spans["GET /v1/interviews/{interview_id}"].trace_id != request.trace_id
    sent = b"".join(collector.bodies)
    assert b"secret" not in sent and b"acme" not in sent


async def test_where_nobody_asked_nothing_of_it_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from api.app import create_app; from api.settings import load_settings; "
        f"create_app(load_settings(data_dir={str(tmp_path)!r})); "
        "print([name for name in ('api.spans', 'opentelemetry.sdk', 'opentelemetry.exporter') if name in sys.modules])"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"
