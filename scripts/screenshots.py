"""Take the pictures of the web console in docs/images/console, from a stack on which the demo was played.

First, in another terminal:  make run SEED=demo
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from local.stack.endpoints import Endpoints
from local.stack.template import ROOT

FOLDER = ROOT / "docs" / "images" / "console"
LARGEST_BYTES = 150_000
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
COMMAND = [sys.executable, "-m", "console", "console", "--local", "--no-browser", "--write"]
RECORD = "00k5g00000RaMP1AAN"
LONGEST_MS = 120_000
LINK = re.compile(r"Open (http\S+)")


def main() -> int:
    """Take the pictures; return 1 if no stack runs, or if a picture is too large."""
    try:
        port = urlsplit(Endpoints.read().aws).port
    except FileNotFoundError:
        print("No local stack runs. Start one with data: make run SEED=demo", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _console(port or 0) as link, _page() as page:
        page.goto(link)
        _take(page, "overview", 860)
        _follow(page, "All operations that need attention")
        page.locator("tbody a").first.click()
        page.get_by_role("heading", name="What to do").wait_for()
        _take(page, "operation", 820)
        page.goto(f"{link.partition('/enter')[0]}/record?record={RECORD}")
        page.get_by_role("heading", name="Timeline").wait_for()
        page.get_by_role("heading", name="Subscription", exact=True).scroll_into_view_if_needed()
        _take(page, "record", 1100)
    large = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size >= LARGEST_BYTES]
    print(f"Too large: {', '.join(large)}" if large else f"{FOLDER.relative_to(ROOT)} has the pictures.")
    return 1 if large else 0


def _follow(page: Page, link: str) -> None:
    page.get_by_role("link", name=link).click()
    page.locator("tbody a").first.wait_for()


def _take(page: Page, name: str, height: int) -> None:
    """Take a picture of a page once it has read everything."""
    page.set_viewport_size({"width": 1180, "height": height})
    page.wait_for_function("document.querySelector('h1') && !document.querySelector('.waiting')")
    page.screenshot(path=FOLDER / f"{name}.png")


@contextmanager
def _console(port: int) -> Iterator[str]:
    """Run the console on the local stack, and return its link."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(  # noqa: S603 - our own program
            [*COMMAND, "--port", str(port), "--folder", folder],
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        yield next(found[1] for line in process.stderr if (found := LINK.search(line)))
        process.terminate()


@contextmanager
def _page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(color_scheme="light")
        page.set_default_timeout(LONGEST_MS)
        yield page
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
