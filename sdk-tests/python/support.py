"""A server for the tests of one SDK, peers that join its rooms, and what a notifier heard."""

import asyncio
import json
import queue
import subprocess
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

TOKEN = "sdk-test-token"
WEBHOOK_SECRET = "sdk-test-webhook-secret"

# Longest wait for anything that must happen: generous, because machines are slow.
PATIENCE = 20.0


def eventually(what: str, look: Callable[[], Any]) -> Any:
    """Looks until there is something to see; says what was missing when nothing comes."""
    end = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {PATIENCE:.0f} s")
        time.sleep(0.01)


class Lines:
    """Lines of a program's output, which can be waited for."""

    def __init__(self, stream) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)

    def next(self, what: str) -> str:
        try:
            line = self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"{what}: nothing within {PATIENCE:.0f} s") from None
        if line is None:
            raise AssertionError(f"{what}: the program has ended")
        return line


class Program:
    """A built server, on free ports, with a data directory of its own."""

    def __init__(self, binary: str, flags: list[str]) -> None:
        self._data = tempfile.TemporaryDirectory()
        flags = ["--listen", "127.0.0.1:0", "--media-port", "0", "--announce", "127.0.0.1", "--tls", "off", *flags]
        flags += ["--api-token", TOKEN, "--data-dir", self._data.name, "--log-level", "warn"]
        self._process = subprocess.Popen([binary, *flags], stdout=subprocess.PIPE, text=True)
        lines = Lines(self._process.stdout)
        line = lines.next("the server's start")
        while not line.startswith("ready: "):
            line = lines.next("the server's start")
        self.address = line.removeprefix("ready: ").split("://")[1].strip().rstrip("/").replace("localhost", "127.0.0.1")
        self.url = f"http://{self.address}"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=PATIENCE)
        self._data.cleanup()


class Backend(Program):
    """The Backend with its embedded media server."""

    def __init__(self, binary: str) -> None:
        super().__init__(binary, ["--api-listen", "127.0.0.1:0"])


class Server(Program):
    """The media server."""

    def __init__(self, binary: str, more_flags: tuple[str, ...] = ()) -> None:
        flags = ["--metrics-listen", "off", "--fault-injection", *more_flags]
        flags += ["--webhook-allow", "127.0.0.0/8", "--webhook-secret", WEBHOOK_SECRET]
        super().__init__(binary, flags)

    def crash(self, room: str, peer: str | None = None) -> None:
        """Breaks a room, or one peer of it."""
        path = f"/fault/room/{room}" + (f"/peer/{peer}" if peer else "")
        request = urllib.request.Request(self.url + path, method="POST", headers={"authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status in (200, 202, 204), answer.status


class Peer:
    """A peer in a room: the program `videoroom-peer`."""

    def __init__(self, binary: str, server: Server, token: str, metadata: Any) -> None:
        arguments = [binary, "--url", f"ws://{server.address}", "--token", token, "--metadata", json.dumps(metadata)]
        self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines = Lines(self._process.stdout)
        self.id = self._answer()["joined"]

    def publish(self, kind: str, metadata: Any) -> str:
        """Publishes a track; returns its id."""
        return self._command(f"publish {kind} {json.dumps(metadata)}")["done"]

    def unpublish(self, track: str) -> None:
        self._command(f"unpublish {track}")

    def update(self, metadata: Any) -> None:
        self._command(f"update {json.dumps(metadata)}")

    def update_track(self, track: str, metadata: Any) -> None:
        self._command(f"update-track {track} {json.dumps(metadata)}")

    def leave(self) -> None:
        self._send("leave")
        self._process.wait(timeout=PATIENCE)

    def closed(self) -> tuple[int, str]:
        """Waits until the server has ended the session: code and reason."""
        closed = self._answer()["closed"]
        return closed["code"], closed["reason"]

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(timeout=PATIENCE)

    def _command(self, line: str) -> dict:
        self._send(line)
        answer = self._answer()
        assert "done" in answer, answer
        return answer

    def _send(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict:
        return json.loads(self._lines.next("a peer's answer"))


@dataclass
class Post:
    """One request to a webhook."""

    headers: dict[str, str]
    body: bytes


class Receiver:
    """An HTTP server that takes every webhook."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        posts = self.posts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                posts.append(Post({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Heard:
    """What a notifier was told, in order."""

    messages: list[Any] = field(default_factory=list)

    def of(self, room: str) -> list[Any]:
        return [message for message in self.messages if getattr(message, "room_id", None) == room]

    def names(self, room: str) -> list[str]:
        return [type(message).__name__.removeprefix("ServerMessage") for message in self.of(room)]

    def expect(self, room: str, names: list[str]) -> list[Any]:
        """Waits for exactly these notifications of a room, in this order."""
        try:
            eventually("notifications", lambda: len(self.of(room)) >= len(names))
        except AssertionError:
            pass
        assert self.names(room) == names
        return self.of(room)


class Listening:
    """An SDK's notifier, connected, on an event loop of its own."""

    def __init__(self, notifier, hear: Callable[[Any], None]) -> None:
        self.heard = Heard()
        self.metrics: list[Any] = []
        self.error: BaseException | None = None
        notifier.on_server_notification(lambda message: (hear(message), self.heard.messages.append(message)))
        if hasattr(notifier, "on_metrics"):
            notifier.on_metrics(lambda message: (hear(message), self.metrics.append(message)))
        self._notifier = notifier
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the notifier is not ready"

    async def _run(self) -> None:
        self._task = asyncio.ensure_future(self._notifier.connect())
        ready = asyncio.ensure_future(self._notifier.wait_ready())
        await asyncio.wait([self._task, ready], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            self.error = self._task.exception()
        self._ready.set()
        try:
            await self._task
        except BaseException as error:  # noqa: BLE001 - it is looked at by the test
            self.error = error

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
