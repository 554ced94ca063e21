"""What pages of other addresses get from the console: nothing."""

from http.server import BaseHTTPRequestHandler

from playwright.sync_api import Page, expect

from tests.web.conftest import Console, LambdaApi, serving

ATTEMPTS = """
<!doctype html><title>Attempts</title><iframe id=frame></iframe>
<script>
const target = "%s";
const outcome = (promise) => Promise.race([
  promise.then(() => "reached", () => "refused"), new Promise((end) => setTimeout(end, 20000, "no answer"))]);
const event = (thing, good, bad) => new Promise((yes, no) => { thing[good] = yes; thing[bad] = no; });
const image = new Image(), script = document.createElement("script");
image.src = target + "/favicon.ico"; script.src = target + "/style.css"; document.head.append(script);
window.attempts = Promise.all([
  outcome(fetch(target + "/operations", {credentials: "include"})),
  outcome(fetch(target + "/operations", {method: "POST", credentials: "include"})),
  outcome(fetch(target + "/", {mode: "no-cors", credentials: "include"}).then((answer) => answer.text())
    .then((text) => text || Promise.reject())),
  outcome(event(new WebSocket(target.replace("http", "ws") + "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"),
    "onopen", "onerror")),
  outcome(event(image, "onload", "onerror")),
  outcome(event(script, "onload", "onerror")),
]);
</script>
"""


def test_a_hostile_page(page: Page, writing: Console, lambda_api: LambdaApi) -> None:
    """A page of another port, in the browser that has the cookie, reads nothing, opens no socket and calls nothing."""
    page.goto(writing.link)
    expect(page.get_by_text("checks passed")).to_be_visible()
    lambda_api.invoked.clear()

    def attempts(_: BaseHTTPRequestHandler, __: bytes) -> tuple[bytes, dict[str, str]]:
        return (ATTEMPTS % writing.origin).encode(), {"Content-Type": "text/html"}

    with serving(attempts) as port:
        page.goto(f"http://127.0.0.1:{port}/")

        assert page.evaluate("window.attempts") == ["refused"] * 6
        page.evaluate(f"document.getElementById('frame').src = '{writing.origin}/operations'")
        page.goto(f"http://127.0.0.1:{port}/")
        page.evaluate(f"location.href = '{writing.origin}/operations'")
        expect(page.get_by_text("Links and requests of other pages are not served.")).to_be_visible()
    assert lambda_api.invoked == []


def test_no_link(page: Page, writing: Console) -> None:
    """Without the link the browser is shown how to get in, and no page."""
    page.goto(f"{writing.origin}/")

    expect(page.get_by_text("Open the link that the console printed when it started.")).to_be_visible()


def test_the_link_leaves_no_trace(page: Page, writing: Console) -> None:
    """After the link was opened, the address has no token, and scripts do not see the cookie."""
    page.goto(writing.link)

    assert page.url == f"{writing.origin}/"
    assert page.evaluate("document.cookie") == ""


def test_nothing_comes_from_elsewhere(page: Page, writing: Console) -> None:
    """Every script, style, font and picture comes from the console itself."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(writing.link)
    for path in ("/operations", "/record", "/batches"):
        page.goto(f"{writing.origin}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    assert [url for url in requested if not url.startswith((writing.origin, "data:"))] == []
    assert any(url.endswith(".js") for url in requested)
