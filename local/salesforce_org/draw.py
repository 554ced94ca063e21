"""Draw the screens of the guide with the answers of the local stack:  python -m local.salesforce_org.draw NODE_MODULES.

The pages are written to `.build/screens`, and their pictures to `docs/images/salesforce` where Chromium is installed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from local.demo.stage import running_stage
from local.salesforce_org.drawing import page
from local.salesforce_org.pictures import visits
from local.stack.template import ROOT

HOOKS = "@salesforce-ux/sds-styling-hooks/dist/hooks.custom-props.css"
PAGES, PICTURES = ROOT / ".build/screens", ROOT / "docs/images/salesforce"
_WIDTH, _LONGEST_SECONDS = 720, 60
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def main(node_modules: str) -> int:
    """Draw all screens; return 1 if the styling hooks are not installed."""
    hooks = Path(node_modules, HOOKS)
    if not hooks.exists():
        print("NOT RUN: the styling hooks of node/package.json are not installed (make node-tools)", file=sys.stderr)
        return 1
    _draw(hooks.read_text())
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print(f"NOT RUN: the pictures, because Chromium is not installed. The pages are in {PAGES}", file=sys.stderr)
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    for path in sorted(PAGES.glob("*.html")):
        _photograph(chromium, path)
    return 0


def _draw(hooks: str) -> None:
    PAGES.mkdir(parents=True, exist_ok=True)
    with running_stage() as stage:
        for name, visit in visits(stage.salesforce.org):
            (PAGES / f"{name}.html").write_text(page(visit, hooks))


def _photograph(chromium: str, path: Path) -> None:
    """Take a picture of a whole page: its height is measured first."""
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, *_QUIET, f"--user-data-dir={profile}"]
        measured = re.search(
            r'data-height="(\d+)"', _run([*command, f"--window-size={_WIDTH},200", "--dump-dom"], path)
        )
        height = measured[1] if measured else "900"
        picture = PICTURES / f"{path.stem}.png"
        _run([*command, f"--window-size={_WIDTH},{height}", f"--screenshot={picture}"], path)
    print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size // 1000} kB")


def _run(command: list[str], path: Path) -> str:
    result = subprocess.run(  # noqa: S603 - the browser, with a page of ours
        [*command, path.as_uri()], capture_output=True, text=True, check=True, timeout=_LONGEST_SECONDS
    )
    return result.stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
