"""Copy the tree, so that code can be changed in the copy."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

from local.stack.template import ROOT


def files() -> list[Path]:
    """Return the project's files as they are now, committed or not, relative to its root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own
    return [Path(name) for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file()]


def digest() -> str:
    """Return a digest of the present state of the project's files."""
    state = hashlib.sha256()
    for path in files():
        state.update(f"{path}\0".encode() + hashlib.sha256((ROOT / path).read_bytes()).digest())
    return state.hexdigest()[:16]


@contextmanager
def copied() -> Iterator[Path]:
    """Copy the project into a temporary folder. The environments are links."""
    with tempfile.TemporaryDirectory(prefix="stigg-mutants-") as folder:
        tree = Path(folder).resolve()
        for path in files():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, tree / path)
        for environment in ROOT.glob(".venv*"):
            if not (tree / environment.name).exists():
                (tree / environment.name).symlink_to(environment.resolve())
        yield tree


@contextmanager
def changed(tree: Path, module: Path, text: str) -> Iterator[None]:
    """Give a module another text until the block ends.

    Its bytecode is deleted before and after, because two changes within a second can have the same size.
    """
    path = tree / module
    before = path.read_text()
    try:
        _write(path, text)
        yield
    finally:
        _write(path, before)


def _write(path: Path, text: str) -> None:
    Path(cache_from_source(str(path))).unlink(missing_ok=True)
    path.write_text(text)
