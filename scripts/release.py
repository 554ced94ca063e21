"""Name a release by its build and parameters, so that a change of either changes the name."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

DIGITS = 16


def release_of(build: Path, parameters: Mapping[str, str]) -> str:
    """Return the digest of a build's files, by their paths and contents, and of the stack's parameters."""
    digest = hashlib.sha256(json.dumps(dict(parameters), sort_keys=True).encode())
    for path in sorted(build.rglob("*")):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(build)}\0{content}\0".encode())
    return digest.hexdigest()[:DIGITS]
