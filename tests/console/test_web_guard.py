"""The port of the web console serves the browser that has its link, and nobody else."""

import asyncio
from typing import Any

import pytest

from console.web.guard import ENTRANCE, Guard, Message, Receive, Scope, Send

PORT = 5010
HOST = f"127.0.0.1:{PORT}"
OWN = f"http://{HOST}"


class Pages:
    """The application behind the guard: it answers everything, and lets every page read the answer."""

    def __init__(self) -> None:
        self.served: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's own
        """Answer."""
        self.served.append(str(scope["type"]))
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        elif scope["type"] == "http":
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"access-control-allow-origin", b"*")]}
            )
            await send({"type": "http.response.body", "body": b"operations"})


class Browser:
    """A browser that calls the guard without a network."""

    def __init__(self) -> None:
        self.pages = Pages()
        self.guard = Guard(self.pages, PORT)

    def request(self, path: str, *headers: tuple[str, str], kind: str = "http", method: str = "GET") -> list[Message]:
        """Send a request and return what the guard sends back. The host is right unless it is given."""
        sent: list[Message] = []
        given = headers if "host" in dict(headers) else (("host", HOST), *headers)
        raw_path, _, query = path.partition("?")
        scope: dict[str, Any] = {
            "type": kind,
            "path": raw_path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in given],
            **({"method": method} if kind == "http" else {}),
        }

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.guard(scope, receive, send))
        return sent

    def entered(self) -> tuple[str, str]:
        """Open the link, and return the cookie that it gives as a header."""
        answer = self.request(self.guard.link.removeprefix(OWN))
        return "cookie", dict(answer[0]["headers"])[b"set-cookie"].decode().partition(";")[0]


@pytest.fixture
def browser() -> Browser:
    """A browser, and a guard that it has not met yet."""
    return Browser()


def status(answer: list[Message]) -> int:
    """Return the status of an answer."""
    return int(answer[0]["status"])


def test_the_link_lets_in(browser: Browser) -> None:
    """The link gives a cookie that scripts and other sites do not get, and leads to the pages without the token."""
    answer = browser.request(browser.guard.link.removeprefix(OWN))
    headers = dict(answer[0]["headers"])

    assert (status(answer), headers[b"location"]) == (303, b"/")
    assert headers[b"set-cookie"].endswith(b"; Path=/; HttpOnly; SameSite=Strict")
    assert browser.guard.token.encode() not in headers[b"set-cookie"]
    assert status(browser.request("/", browser.entered())) == 200


def test_every_link_is_another() -> None:
    """Two consoles have two links, and the cookie of one is not that of the other."""
    one, other = Browser(), Browser()

    assert one.guard.token != other.guard.token
    assert status(other.request("/", one.entered())) == 403


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token={token}&token={token}", "?token={token}x"])
def test_other_links(browser: Browser, query: str) -> None:
    """A link without the token, with another or with two gives no cookie."""
    answer = browser.request(ENTRANCE + query.format(token=browser.guard.token))

    assert status(answer) == 403
    assert b"set-cookie" not in dict(answer[0]["headers"])


@pytest.mark.parametrize(
    "cookie", ["", "{name}=", "{name}=wrong", "other={value}", "{name}={token}", "x{name}={value}"]
)
def test_no_cookie(browser: Browser, cookie: str) -> None:
    """Without the cookie nothing is served, and the token is no cookie."""
    name, _, value = browser.entered()[1].partition("=")
    text = cookie.format(name=name, value=value, token=browser.guard.token)

    assert status(browser.request("/operations", ("cookie", text))) == 403
    assert browser.pages.served == []


def test_cookies_of_other_pages(browser: Browser) -> None:
    """Cookies that pages of other ports add, also of the same name, do not lock the operator out."""
    header, own = browser.entered()
    added = f'{browser.guard.cookie}=tossed; a="; [b]=1; {own}'

    assert status(browser.request("/", (header, added))) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", "", f"0.0.0.0:{PORT}"]
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_other_names_of_this_address(browser: Browser, host: str, kind: str) -> None:
    """A page whose name was made to point here (DNS rebinding) gets nothing, not even with the cookie."""
    answer = browser.request("/", browser.entered(), ("host", host), ("origin", f"http://{host}"), kind=kind)

    assert (kind == "websocket" and answer[0]["type"] == "websocket.close") or status(answer) == 421
    assert browser.pages.served == []


def test_this_machine_by_name(browser: Browser) -> None:
    """The name localhost is served as the address is."""
    headers = (("host", f"localhost:{PORT}"), ("origin", f"http://localhost:{PORT}"))

    assert status(browser.request("/", browser.entered(), *headers)) == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:5011", f"http://localhost:{PORT}", "null"]
)
@pytest.mark.parametrize(("kind", "method"), [("http", "GET"), ("http", "POST"), ("websocket", "")])
def test_other_origins(browser: Browser, origin: str, kind: str, method: str) -> None:
    """A page of another address or port gets nothing, though the browser sends the cookie with its requests."""
    answer = browser.request("/", browser.entered(), ("origin", origin), kind=kind, method=method)

    assert answer[0] == {"type": "websocket.close", "code": 1008} if kind == "websocket" else status(answer) == 403
    assert browser.pages.served == []


@pytest.mark.parametrize(
    ("site", "served"), [("none", 200), ("same-origin", 200), ("same-site", 403), ("cross-site", 403)]
)
def test_links_of_other_pages(browser: Browser, site: str, served: int) -> None:
    """A link, a picture or a frame on another page leads to nothing, also on another port of this machine."""
    assert status(browser.request("/", browser.entered(), ("sec-fetch-site", site))) == served


@pytest.mark.parametrize(("kind", "method"), [("http", "POST"), ("http", "DELETE"), ("websocket", "")])
def test_changes_say_where_they_come_from(browser: Browser, kind: str, method: str) -> None:
    """A request that may change something, and a web socket, are served only with the own origin."""
    cookie = browser.entered()

    assert browser.request("/", cookie, kind=kind, method=method)[0].get("status", 403) == 403
    assert browser.pages.served == []
    browser.request("/", cookie, ("origin", OWN), kind=kind, method=method)
    assert browser.pages.served == [kind]


@pytest.mark.parametrize("header", ["host", "origin", "cookie"])
def test_headers_that_are_given_twice(browser: Browser, header: str) -> None:
    """A request that says two things is served by neither."""
    both = {"host": HOST, "origin": OWN, "cookie": browser.entered()[1]}

    assert status(browser.request("/", *both.items(), (header, both[header]))) == 400


def test_headers_of_answers(browser: Browser) -> None:
    """Every answer forbids frames, other addresses and reading by other pages, whatever the pages say."""
    served = browser.request("/", browser.entered())
    for answer in (served, browser.request("/"), browser.request(browser.guard.link.removeprefix(OWN))):
        headers = dict(answer[0]["headers"])
        policy = headers[b"content-security-policy"].decode()

        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "://" not in policy.replace(f"ws://{HOST}", "").replace(f"ws://localhost:{PORT}", "")
        assert headers[b"referrer-policy"] == b"no-referrer"
        assert headers[b"cross-origin-resource-policy"] == b"same-origin"
        assert b"access-control-allow-origin" not in headers


def test_the_start_of_the_server(browser: Browser) -> None:
    """Messages of the server itself, which has no address, reach the application."""
    browser.request("", kind="lifespan")

    assert browser.pages.served == ["lifespan"]
