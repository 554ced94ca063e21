"""Where a running local stack can be reached, as a value and as a file for other programs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.stack.template import ROOT

ENDPOINTS_FILE = ROOT / "local" / ".state" / "endpoints.json"


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

    def as_json(self) -> str:
        """The text of `local/.state/endpoints.json`."""
        content = {
            "api": self.api,
            "aws": self.aws,
            "stigg": self.stigg,
            "webhooks": self.webhooks,
            "region": self.region,
            "accessKeyId": self.access_key_id,
            "secretAccessKey": self.secret_access_key,
            "rootAccessKeyId": self.root_access_key_id,
            "rootSecretAccessKey": self.root_secret_access_key,
            "functions": dict(self.functions),
        }
        return json.dumps(content, indent=2) + "\n"

    def write(self, path: Path = ENDPOINTS_FILE) -> None:
        """Put the file in its place at once, so that nobody reads half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(self.as_json())
        unfinished.replace(path)
