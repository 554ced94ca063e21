"""What every request to the API passes: key, route, rate limits, idempotency, shape; then the operation.

All of it happens under one lock, so the second of two concurrent duplicates finds the first one's stored answer.
"""

import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from local.stigg_emulator import workflows
from local.stigg_emulator.answers import Answer
from local.stigg_emulator.catalog import Catalog, Json
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.limits import PER_ENTITY
from local.stigg_emulator.passing_time import catch_up
from local.stigg_emulator.routes import GRAPHQL, ROUTES, Route
from local.stigg_emulator.shapes.fields import Record
from local.stigg_emulator.variety import Variety
from local.stigg_emulator.webhooks import Webhooks
from local.stigg_emulator.world import Call, World


@dataclass(frozen=True)
class Request:
    """An HTTP request; header names are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Json:
        """Read the body as a JSON object; an empty one is an empty object."""
        try:
            body = json.loads(self.body or b"{}")
        except ValueError:
            raise bad_input("The body is not valid JSON") from None
        if not isinstance(body, dict):
            raise bad_input("body must be an object")
        return body


class Gateway:
    """The API in front of one world."""

    def __init__(self, catalog: Catalog) -> None:
        self.lock = threading.RLock()
        self._catalog = catalog
        self.world = World(catalog)
        self.webhooks = Webhooks(lambda: self.world.now)
        self.variety = Variety()
        self._sent = 0

    def reset(self) -> None:
        """Forget everything, with new versions of plans, the clock, further keys and the variety of answers."""
        with self.lock:
            self.webhooks.forget()
            self.variety = Variety()
            self.enter(World(self._catalog))

    def enter(self, world: World) -> None:
        """Answer for another world from now on; what has happened there before is not sent as events."""
        with self.lock:
            self.world = world
            self._sent = len(world.events)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have the world to oneself: what has come due is true before, and events are sent after."""
        with self.lock:
            catch_up(self.world)
            yield
            self.webhooks.send(self.world.events[self._sent :])
            self._sent = len(self.world.events)

    def answer(self, request: Request) -> Answer:
        """Answer a request to the API."""
        trace_id = str(uuid.uuid4())
        with self.turn():
            try:
                answer = self._admitted(request)
            except Refusal as refusal:
                answer = _refused(request, refusal, trace_id)
        return Answer(answer.status, answer.body, {"x-trace-id": trace_id}, answer.delay)

    def by_hand(self, method: str, path: str, body: Json) -> Answer:
        """Do what an operation does as a person does it in Stigg's app: without a key, and without a limit."""
        request = Request(method, path)
        route, parts = _find_route(request)
        return self._operate(request, route, Call(parts, {}, body))

    def _admitted(self, request: Request) -> Answer:
        world = self.world
        _check_content_type(request)
        _check_key(world, request.headers.get("x-api-key", ""))
        route, path = _find_route(request)
        _check_permission(world, request.headers.get("x-api-key", ""), route)
        call = Call(path, dict(parse_qsl(request.query, keep_blank_values=True)), request.json())
        # A call that is limited was not looked at, so it is not stored under its key either.
        world.limits.use(_buckets(route, call), world.now)
        key = request.headers.get("idempotency-key") if route.method == "POST" else None
        return world.answers.answer(key, world.now, lambda: self._operate(request, route, call))

    def _operate(self, request: Request, route: Route, call: Call) -> Answer:
        try:
            _check_shape(route.body, route.query, call)
            body = route.handle(self.world, call)
        except Refusal as refusal:
            return _refused(request, refusal, str(uuid.uuid4()))
        shown = body if route.answer is None else self.variety.of(route.answer, body)
        return Answer(route.status, shown, delay=route.delay(self.world, call))


def _check_content_type(request: Request) -> None:
    """Refuse a POST that does not say it is JSON; Stigg answers 401 rather than 415."""
    if request.method == "POST" and "application/json" not in request.headers.get("content-type", ""):
        raise Refusal("Unauthenticated", "Unauthenticated", 401)


def _check_key(world: World, key: str) -> None:
    status = world.keys.get(key, "revoked")
    if status == "expired":
        raise Refusal("ApiKeyExpired", "The API key has expired", 401)
    if status == "revoked":
        raise Refusal("Unauthenticated", "Unauthenticated", 401)


def _check_permission(world: World, key: str, route: Route) -> None:
    if world.keys[key] == "readOnly" and route.writes:
        raise Refusal("AccessDeniedError", "The API key does not have the required permission", 403)


def _find_route(request: Request) -> tuple[Route, dict[str, str]]:
    for route in ROUTES:
        found = route.pattern.fullmatch(request.path) if route.method == request.method else None
        if found is not None:
            return route, {name: unquote(value) for name, value in found.groupdict().items()}
    raise Refusal("NotFound", f"Cannot {request.method} {request.path}", 404)


def _buckets(route: Route, call: Call) -> dict[str, int]:
    buckets = {route.operation: route.per_minute}
    return buckets if route.entity is None else {**buckets, route.entity(call): PER_ENTITY}


def _check_shape(shape: Record, query: frozenset[str], call: Call) -> None:
    problems = [
        *shape.problems(call.body),
        *(f"property {name} should not exist" for name in call.query.keys() - query),
    ]
    if problems:
        raise bad_input("; ".join(problems))


def _refused(request: Request, refusal: Refusal, trace_id: str) -> Answer:
    body = workflows.error_body(refusal, trace_id) if request.path == GRAPHQL else refusal.body
    return Answer(refusal.status, body)
