"""The emulator without a network: requests in, answers or cut connections out, and its own routes beside the API."""

import threading
from functools import partial

from local.stigg_emulator.admin import PREFIX, Admin
from local.stigg_emulator.answers import Answer
from local.stigg_emulator.catalog import Catalog, Json
from local.stigg_emulator.clock import write
from local.stigg_emulator.faults import Faults, disturbed
from local.stigg_emulator.gateway import Gateway, Request


class Service:
    """One emulated Stigg. A server or an HTTP client's transport passes requests to it."""

    def __init__(self, catalog: Catalog) -> None:
        self.gateway = Gateway(catalog)
        self.faults = Faults()
        self.admin = Admin(self.gateway, self.faults)
        self.stopping = threading.Event()

    def answer(self, request: Request) -> Answer | None:
        """Answer a request, after the delay that its answer has; None means that the connection is cut."""
        if request.path.startswith(PREFIX):
            return self.admin.answer(request)
        record = self._record(request)
        fault = self.faults.take(request.method, request.path)
        act = partial(self.gateway.answer, request)
        answer = act() if fault is None else disturbed(fault, act)
        if answer is not None:
            record["status"] = answer.status
            self.stopping.wait(answer.delay)
        return answer

    def stop(self) -> None:
        """Let go of everything that waits."""
        self.stopping.set()
        self.gateway.webhooks.stop()
        self.faults.clear()

    def _record(self, request: Request) -> Json:
        """Note the call at its arrival; its status is null until it is answered."""
        with self.gateway.lock:
            call: Json = {
                "method": request.method,
                "path": request.path,
                "status": None,
                "idempotencyKey": request.headers.get("idempotency-key"),
                "at": write(self.gateway.world.now),
            }
            self.gateway.world.calls.append(call)
        return call
