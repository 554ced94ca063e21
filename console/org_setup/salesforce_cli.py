"""The Salesforce CLI of this machine, run as a program: it knows the orgs that its user has logged in to."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from console.errors import RefusedError, UnreachableError
from console.org_setup import project

PROGRAM = "sf"
OLDEST_MAJOR = 2
_INSTALL = "Install it: npm install --global @salesforce/cli (https://developer.salesforce.com/tools/salesforcecli)."
_MY_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)*\.my\.(salesforce\.(com|mil)|sfcrmproducts\.cn)")
_LOOPBACK = "127.0.0.1"
_REDACTED = "[REDACTED]"
_CI = {"NO_COLOR": "1", "FORCE_COLOR": "0", "SF_AUTOUPDATE_DISABLE": "true", "SF_HIDE_RELEASE_NOTES": "true"}
"""With colors or notes, the CLI's output is no JSON."""


class Login(NamedTuple):
    """A login of the CLI to an org."""

    org_id: str
    instance_url: str
    username: str
    token: str

    def __repr__(self) -> str:
        return f"Login({self.org_id})"


@dataclass(frozen=True)
class SalesforceCli:
    """The CLI, for one org."""

    alias: str
    folder: Path = field(default=project.FOLDER)

    def version(self) -> str:
        """Return the version. Raises UnreachableError if there is no CLI, or it is too old."""
        found = str(self._document("version").get("cliVersion", ""))
        name, _, number = found.rpartition("/")
        major = number.partition(".")[0]
        if name != "@salesforce/cli" or not major.isdigit() or int(major) < OLDEST_MAJOR:
            raise UnreachableError(f"{PROGRAM} is {found or 'unknown'}, which is too old. Run: {PROGRAM} update")
        return number

    def login(self) -> Login:
        """Return the login to the org.

        Raises:
            UnreachableError: the CLI is not logged in to it, or keeps its token to itself.
            RefusedError: the org has no My Domain.
        """
        shown = self.run("org", "display")
        url = str(shown.get("instanceUrl", ""))
        if not _is_my_domain(url):
            raise RefusedError(
                f"The org {self.alias} answers at {url}, which is no My Domain. Set one up (Setup, My Domain), and "
                f"log in with it: {PROGRAM} org login web --alias {self.alias} --instance-url https://YOURS.my.salesforce.com"
            )
        return Login(str(shown["id"]), url.rstrip("/"), str(shown["username"]), self._token(shown))

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Run a command for the org and return its result.

        Raises:
            UnreachableError: there is no CLI, or it is not logged in to the org.
            RefusedError: the command failed.
        """
        document = self._document(*arguments, "--target-org", self.alias, environment=environment)
        if document.get("status", 0) != 0:
            raise self._failure(document)
        return document.get("result")

    def result(self, *arguments: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the result of a command that has one even where it failed. Raises as ``run``."""
        document = self._document(*arguments, "--target-org", self.alias, environment=environment)
        if not isinstance(document.get("result"), dict):
            raise self._failure(document)
        return dict(document["result"])

    def _document(self, *arguments: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        if shutil.which(PROGRAM) is None:
            raise UnreachableError(f"The Salesforce CLI ({PROGRAM}) is not installed. {_INSTALL}")
        ran = subprocess.run(  # noqa: S603 - the user's own program
            [PROGRAM, *arguments, "--json"],
            cwd=self.folder,
            env={**os.environ, **_CI, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            return dict(json.loads(ran.stdout))
        except ValueError:
            raise RefusedError(
                f"{PROGRAM} {' '.join(arguments[:3])} gave no JSON (exit code {ran.returncode})."
            ) from None

    def _failure(self, document: Mapping[str, Any]) -> RefusedError | UnreachableError:
        name, message = str(document.get("name", "")), str(document.get("message", "it gave no reason"))
        if name in {"NamedOrgNotFoundError", "NoAuthInfoFound", "RefreshTokenAuthError", "AuthInfoCreationError"}:
            return UnreachableError(
                f"{PROGRAM} is not logged in to {self.alias}: {message} Run: {PROGRAM} org login web "
                f"--alias {self.alias} (for a sandbox with --instance-url https://test.salesforce.com)."
            )
        return RefusedError(f"{PROGRAM} failed: {name}: {message}")

    def _token(self, shown: Mapping[str, Any]) -> str:
        """Return the access token: `org display` hides it since May 2026, and older versions have no other command."""
        displayed = str(shown.get("accessToken", _REDACTED))
        if not displayed.startswith(_REDACTED):
            return displayed
        return str(self.run("org", "auth", "show-access-token", "--no-prompt")["accessToken"])


def _is_my_domain(url: str) -> bool:
    """Whether a token may be sent there: to a My Domain by TLS, or to the stand-in on loopback."""
    parts = urlsplit(url)
    if parts.hostname == _LOOPBACK:
        return parts.scheme == "http"
    return parts.scheme == "https" and _MY_DOMAIN.fullmatch(parts.hostname or "") is not None
