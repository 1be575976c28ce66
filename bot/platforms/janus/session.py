"""One session with a Janus server over its WebSocket API: requests with their answers, handles with their events.

The API: https://janus.conf.meetecho.com/docs/rest.html. A request has a transaction; a plugin's answer comes as an
event with the same one, after an acknowledgement. Whatever comes without one is news of a handle.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
import websockets
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

log = structlog.get_logger(__name__)

OPEN_WITHIN_S = 5.0
PING_S = 5.0  # a server that answers none for two of them is gone
ANSWER_WITHIN_S = 10.0
KEEP_ALIVE_S = 25.0  # a session is forgotten after a minute without a word, unless configured otherwise
BIGGEST_FRAME = 1 << 20

News = Callable[[str, dict[str, Any]], None]


class JanusLost(Exception):
    """The server is gone, or does not answer."""


class JanusRefused(Exception):
    """The server, or one of its plugins, refuses a request. code: as its source numbers them."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(f"{detail} (error {code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """A plugin's answer, and the session description that came with it."""

    data: dict[str, Any]
    jsep: dict[str, str] | None


class Handle:
    """One attachment to a plugin. news: called with `event`, `hangup`, `detached` … and what the server says of it."""

    def __init__(self, session: "JanusSession", id_: int, news: News) -> None:
        self._session, self.id, self.news = session, id_, news

    async def ask(self, body: dict[str, Any], jsep: dict[str, str] | None = None) -> Answer:
        """Send a message to the plugin and return its answer. Raises `JanusRefused` or `JanusLost`."""
        more = {"jsep": jsep} if jsep is not None else {}
        frame = await self._session.request("message", handle_id=self.id, body=body, **more)
        data = frame.get("plugindata", {}).get("data", {})
        if "error_code" in data:
            raise JanusRefused(int(data["error_code"]), str(data.get("error")))
        return Answer(data, frame.get("jsep"))

    async def detach(self) -> None:
        self._session.forget(self)
        await self._session.request("detach", handle_id=self.id)


class JanusSession:
    """A session on an open socket. secret: the server's `api_secret`, where it has one."""

    def __init__(self, socket: ClientConnection, secret: SecretStr | None) -> None:
        self._socket = socket
        self._auth = {} if secret is None else {"apisecret": secret.get_secret_value()}
        self._id: int | None = None
        self._numbers = itertools.count(1)
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._handles: dict[int, Handle] = {}
        self._lost = False

    async def begin(self) -> None:
        self._id = int((await self.request("create"))["data"]["id"])

    async def attach(self, plugin: str, news: News) -> Handle:
        """Open a handle on a plugin. Raises `JanusRefused` where there is none, `JanusLost`."""
        answer = await self.request("attach", plugin=plugin)
        handle = Handle(self, int(answer["data"]["id"]), news)
        self._handles[handle.id] = handle
        return handle

    def forget(self, handle: Handle) -> None:
        """Take no more news of a handle."""
        self._handles.pop(handle.id, None)

    async def request(self, what: str, **more: Any) -> dict[str, Any]:
        """Send a request and return the frame that answers it; of a plugin's, not the acknowledgement."""
        if self._lost:
            raise JanusLost("the connection is closed")
        transaction = str(next(self._numbers))
        answered = self._asked[transaction] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._send(what, transaction, **more)
                frame: dict[str, Any] = await answered
                return frame
        except (TimeoutError, websockets.ConnectionClosed) as error:
            raise JanusLost(f"no answer to {what!r}") from error
        finally:
            del self._asked[transaction]

    async def read(self) -> None:
        """Hand out what the server says until it is gone."""
        try:
            async for text in self._socket:
                self._take(json.loads(text))
        except websockets.ConnectionClosed:
            pass  # told below
        finally:
            self._lost = True
            for answered in self._asked.values():
                if not answered.done():
                    answered.set_exception(JanusLost("the connection broke"))

    async def keep_alive(self) -> None:
        """Say now and then that somebody is there. Whether the server is, the socket's own pings find out."""
        while not self._lost:
            await asyncio.sleep(KEEP_ALIVE_S)
            with contextlib.suppress(websockets.ConnectionClosed):
                await self._send("keepalive", "keepalive")

    async def close(self) -> None:
        """Break off; the server forgets the session, its handles and their media."""
        await self._socket.close()

    async def _send(self, what: str, transaction: str, **more: Any) -> None:
        session = {} if self._id is None else {"session_id": self._id}
        frame = {"janus": what, "transaction": transaction, **session, **self._auth, **more}
        await self._socket.send(json.dumps(frame))

    def _take(self, frame: dict[str, Any]) -> None:
        kind, answered = str(frame.get("janus")), self._asked.get(str(frame.get("transaction")))
        if kind == "ack":
            return  # the answer follows as an event
        if answered is not None and not answered.done():
            if kind == "error":
                error = frame.get("error", {})
                answered.set_exception(JanusRefused(int(error.get("code", 0)), str(error.get("reason"))))
            else:
                answered.set_result(frame)
        elif kind == "timeout":
            log.warning("janus_session_timed_out")
            self._socket.transport.abort()
        elif (handle := self._handles.get(int(frame.get("sender", 0)))) is not None:
            handle.news(kind, frame)


def open_socket(server: str) -> connect:
    """Return the way to a server's WebSocket, to be entered or awaited."""
    return connect(
        server,
        subprotocols=[Subprotocol("janus-protocol")],
        open_timeout=OPEN_WITHIN_S,
        close_timeout=1,
        ping_interval=PING_S,
        ping_timeout=2 * PING_S,
        max_size=BIGGEST_FRAME,
    )
