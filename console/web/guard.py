"""Let nobody but the operator's own browser in: who reaches the port is not trusted, and neither are other web pages.

The port is on loopback, but any program and any web page of this machine can send requests to it. A request is served
if it names this address (a page of another name that points here does not), comes from a page of this address or from
no page, and has the cookie that the link with the token gave.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]
type Headers = Iterable[tuple[bytes, bytes]]

ENTRANCE = "/enter"
_FROM_HERE = {"same-origin", "none"}
_WITHOUT_ORIGIN = {"GET", "HEAD"}

_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' {sockets}; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Scripts in the page are those of the library, which compiles its templates in the browser. Nothing comes from, or
goes to, another address."""


class RefusalError(Exception):
    """A request is not served."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Guard:
    """An application that only the browser with the link reaches."""

    app: App
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _pass: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """Value of the cookie. It is not the token, which the browser keeps in its history."""

    @property
    def link(self) -> str:
        """The address that lets a browser in."""
        return f"http://127.0.0.1:{self.port}{ENTRANCE}?token={self.token}"

    @property
    def cookie(self) -> str:
        """The name of the cookie. Browsers send cookies to every port of a host, so it has the port."""
        return f"stigg-console-{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        try:
            is_entry = self._check(scope)
        except RefusalError as refusal:
            await _refuse(scope, refusal, self._armored(send))
            return
        if is_entry:
            await self._let_in(self._armored(send))
        else:
            await self.app(scope, receive, self._armored(send))

    def _check(self, scope: Scope) -> bool:
        """Return whether a request asks for the cookie. Raises RefusalError."""
        headers = _Headers(scope["headers"])
        self._check_host(headers)
        self._check_origin(headers, needs_origin=scope.get("method") not in _WITHOUT_ORIGIN)
        if scope["type"] == "http" and scope["path"] == ENTRANCE:
            self._check_token(scope)
            return True
        given = _cookies(headers.only("cookie"), self.cookie)
        if not any(compare_digest(value.encode(), self._pass.encode()) for value in given):
            raise RefusalError(403, "Open the link that the console printed when it started.")
        return False

    def _check_host(self, headers: "_Headers") -> None:
        if headers.only("host") not in self._hosts():
            raise RefusalError(421, "This address is not that of the console.")

    def _check_origin(self, headers: "_Headers", *, needs_origin: bool) -> None:
        origin, site = headers.only("origin"), headers.only("sec-fetch-site")
        is_own = origin == f"http://{headers.only('host')}"
        if (origin or needs_origin) and not is_own:
            raise RefusalError(403, "Requests of other pages are not served.")
        if site and site not in _FROM_HERE:
            raise RefusalError(403, "Links and requests of other pages are not served.")

    def _check_token(self, scope: Scope) -> None:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])
        if len(given) != 1 or not compare_digest(given[0].encode(), self.token.encode()):
            raise RefusalError(403, "This link is not that of the running console. Open the one that it printed.")

    def _hosts(self) -> set[str]:
        return {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}

    async def _let_in(self, send: Send) -> None:
        cookie = f"{self.cookie}={self._pass}; Path=/; HttpOnly; SameSite=Strict"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode())]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _armored(self, send: Send) -> Send:
        """Return how to send answers with the headers that restrict what a page may do."""
        sockets = " ".join(f"ws://{host}" for host in sorted(self._hosts()))
        restricting = [
            (b"content-security-policy", _POLICY.format(sockets=sockets).encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [
                    pair for pair in message.get("headers", ()) if not pair[0].lower().startswith(b"access-control")
                ]
                message = {**message, "headers": [*kept, *restricting]}
            await send(message)

        return sending


class _Headers:
    """The headers of a request, each of which counts only if it is given once."""

    def __init__(self, headers: Headers) -> None:
        self._headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]

    def only(self, name: str) -> str:
        """Return the value of a header, or an empty text. Raises RefusalError if it is given twice."""
        values = [value for given, value in self._headers if given == name]
        if len(values) > 1:
            raise RefusalError(400, f"The request has the header {name} twice.")
        return values[0] if values else ""


def _cookies(text: str, name: str) -> list[str]:
    """Return every value of a cookie: pages of other ports of this host can add cookies, also of the same name."""
    pairs = (pair.strip().partition("=") for pair in text.split(";"))
    return [value for given, _, value in pairs if given == name]


async def _refuse(scope: Scope, refusal: RefusalError, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{refusal}\n".encode()})
