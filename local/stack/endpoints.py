"""The addresses and keys of a running local stack, as a value and as a file for other programs.

The port of AWS:  python -m local.stack.endpoints.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from local.stack.template import ROOT

ENDPOINTS_FILE = ROOT / "local" / ".state" / "endpoints.json"
_NAMES = {
    "access_key_id": "accessKeyId",
    "secret_access_key": "secretAccessKey",
    "root_access_key_id": "rootAccessKeyId",
    "root_secret_access_key": "rootSecretAccessKey",
}
"""Fields that have another name in the file."""


@dataclass(frozen=True)
class Endpoints:
    """Addresses and keys of one running stack."""

    api: str  # base URL: append /create-customer
    aws: str
    stigg: str
    webhooks: str  # where Stigg sends its webhooks
    region: str
    access_key_id: str  # the Salesforce user's: may call the API's actions and nothing else
    secret_access_key: str
    root_access_key_id: str  # the server's own: everything is allowed, signatures are not checked
    root_secret_access_key: str
    functions: Mapping[str, str]  # action -> name to invoke

    @classmethod
    def read(cls, path: Path = ENDPOINTS_FILE) -> Self:
        """Read the file of a running stack. Raises FileNotFoundError if none is running."""
        content = json.loads(path.read_text())
        return cls(**{field.name: content[_NAMES.get(field.name, field.name)] for field in fields(cls)})

    def as_json(self) -> str:
        """The text of `local/.state/endpoints.json`."""
        content = {_NAMES.get(field.name, field.name): getattr(self, field.name) for field in fields(self)}
        return json.dumps(content | {"functions": dict(self.functions)}, indent=2) + "\n"

    def write(self, path: Path = ENDPOINTS_FILE) -> None:
        """Write the file in one step, so that no program reads half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(self.as_json())
        unfinished.replace(path)


def main(path: Path = ENDPOINTS_FILE) -> int:
    """Print the port of AWS of the running local stack; return 1 if none runs."""
    try:
        print(urlsplit(Endpoints.read(path).aws).port)
    except FileNotFoundError:
        print("No local stack runs. Start one: make run, or make run SEED=demo", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
