"""A function in a process of its own under the real Lambda runtime client, and the runtime API that feeds it."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, override

_PROGRAM = """import sys
sys.path[:0] = sys.argv[2:]
sys.argv = ["awslambdaric", sys.argv[1]]
from awslambdaric.__main__ import main
main(sys.argv)
"""
_TICKS = os.sysconf("SC_CLK_TCK")
LONGEST_SECONDS = 60


class Outcome(NamedTuple):
    """What a function did with an event: `response` or `error`, when (`time.perf_counter`), and the body."""

    kind: str
    at: float
    body: Any


class RuntimeApi(ThreadingHTTPServer):
    """Lambda's runtime API for one process: hands out events, and takes what comes of them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self.happened: queue.SimpleQueue[tuple[str, float, bytes]] = queue.SimpleQueue()
        self.numbers = count(1)

    def await_next(self) -> tuple[str, float, bytes]:
        """Return what the process does next: `next`, `response` or `error`, when, and with which body."""
        return self.happened.get(timeout=LONGEST_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Hand out the next event, once there is one."""
        self.server.happened.put(("next", time.perf_counter(), b""))
        body = json.dumps(self.server.events.get()).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"request-{next(self.server.numbers)}")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 28_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:x")
        self.send_header("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Take an answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = "response" if self.path.endswith("/response") else "error"
        self.server.happened.put((kind, time.perf_counter(), body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@dataclass
class Started:
    """A running function: seconds until it was ready, and the memory and processor time that it has taken."""

    api: RuntimeApi
    process: subprocess.Popen[bytes]
    ready_seconds: float
    answers: list[Mapping[str, Any]] = field(default_factory=list)

    def invoke(self, event: Mapping[str, Any]) -> float:
        """Invoke it, and return the seconds until its answer.

        Raises:
            RuntimeError: it answered with an error.
        """
        began = time.perf_counter()
        outcome = self.outcome(event)
        if outcome.kind != "response":
            raise RuntimeError(json.dumps(outcome.body))
        self.answers.append(outcome.body)
        return outcome.at - began

    def outcome(self, event: Mapping[str, Any]) -> Outcome:
        """Invoke it, and return its answer or the error that the runtime client reports."""
        self.api.events.put(event)
        kind, at, body = self.api.await_next()
        self.api.await_next()  # it asks for the next event
        return Outcome(kind, at, json.loads(body))

    def cpu_seconds(self) -> float:
        """Return the processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak_mib(self) -> float:
        """Return the most memory so far."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@contextmanager
def started(
    handler: str, path: Sequence[Path], environment: Mapping[str, str], *, log: Path = Path(os.devnull)
) -> Iterator[Started]:
    """Start a function as Lambda does, with these folders on its path and nothing else but the standard library.

    What it logs goes to a file.

    Raises:
        RuntimeError: it could not be imported; the message is the error that the runtime client reports.
    """
    api = RuntimeApi()
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    variables = {**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "_HANDLER": handler}
    command = [sys.executable, "-S", "-B", "-c", _PROGRAM, handler, *map(str, path)]
    began = time.perf_counter()
    with log.open("ab") as lines:
        process = subprocess.Popen(command, env=variables, stdout=lines)  # noqa: S603 - our own interpreter
    try:
        kind, at, body = api.await_next()
        if kind != "next":
            raise RuntimeError(body.decode())
        yield Started(api, process, at - began)
    finally:
        process.kill()
        process.wait()
        api.shutdown()
        thread.join()
        api.server_close()
