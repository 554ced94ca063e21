"""What the Salesforce CLI answers with --json, for an org in memory. A program named `sf` asks for it.

Source: Salesforce CLI Command Reference; the shapes of version, org display, org auth show-access-token and of errors
are those of the CLI's plugins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from local.salesforce_org.administration.deployments import deploy_layouts, deploy_project, retrieve_layouts
from local.salesforce_org.administration.state import ORG_ID, Administration
from local.salesforce_org.rest.answers import Answer, Request
from local.salesforce_org.rest.routing import Route

PATH = "/standin/cli"
REDACTED = "[REDACTED] Use 'sf org auth show-access-token' to view"
TOKEN = f"{ORG_ID[:15]}!cli"
type Reply = tuple[int, dict[str, Any]]
"""Exit code and document."""


@dataclass
class Cli:
    """An installation of the CLI."""

    administration: Administration
    instance_url: str
    alias: str = "stigg-sandbox"
    version: str = "@salesforce/cli/2.152.14"
    is_redacting: bool = True
    """Whether it hides tokens in org display, as versions since May 2026 do."""
    commands: list[list[str]] = field(default_factory=list)

    def route(self) -> Route:
        """Return the route by which the program `sf` asks."""
        return Route("POST", PATH, self._asked, is_open=True)

    def answer(self, arguments: list[str], folder: Path, environment: Mapping[str, str]) -> Reply:
        """Return exit code and document of a command."""
        self.commands.append(arguments)
        if "--json" not in arguments:
            return 1, _failure("SfError", "the program reads JSON")
        if arguments[0] == "version":
            return 0, {"architecture": "linux-x64", "cliVersion": self.version, "nodeVersion": "node-v22.15.0"}
        if _option(arguments, "--target-org") != [self.alias]:
            message = f"No authorization information found for {' '.join(_option(arguments, '--target-org'))}."
            return 1, _failure("NamedOrgNotFoundError", message)
        return self._of_the_org(arguments, folder, environment)

    def _asked(self, request: Request) -> Answer:
        asked = request.json()
        code, document = self.answer(asked["arguments"], Path(asked["folder"]), asked["environment"])
        return Answer(200, {"code": code, "document": document})

    def _of_the_org(self, arguments: list[str], folder: Path, environment: Mapping[str, str]) -> Reply:
        match arguments:
            case ["org", "display", *_]:
                return _done(self._display())
            case ["org", "auth", "show-access-token", *_] if self.is_redacting:
                return _done({"accessToken": TOKEN})
            case ["org", "list", "metadata", "--metadata-type", "Layout", *_]:
                return _done([{"fullName": name, "type": "Layout"} for name in self.administration.layouts])
            case ["project", "retrieve", "start", *_]:
                names = [name.removeprefix("Layout:") for name in _option(arguments, "--metadata")]
                target = Path(*_option(arguments, "--target-metadata-dir"))
                return _done(retrieve_layouts(self.administration, names, target))
            case ["project", "deploy", "start", *_]:
                return self._deployed(arguments, folder, environment)
        return 127, _failure("CommandNotFound", f"{' '.join(arguments)} is not a sf command.")

    def _display(self) -> dict[str, Any]:
        return {
            "id": ORG_ID,
            "apiVersion": "66.0",
            "accessToken": REDACTED if self.is_redacting else TOKEN,
            "instanceUrl": self.instance_url,
            "username": self.administration.username,
            "connectedStatus": "Connected",
            "alias": self.alias,
        }

    def _deployed(self, arguments: list[str], folder: Path, environment: Mapping[str, str]) -> Reply:
        if package := _option(arguments, "--metadata-dir"):
            result = deploy_layouts(self.administration, Path(*package))
        else:
            try:
                is_dry = "--dry-run" in arguments
                result = deploy_project(self.administration, folder, environment, dry_run=is_dry)
            except KeyError as missing:
                return 1, _failure("SfError", f"The environment variable {missing} is not set.")
        return (0, {"status": 0, "result": result}) if result["success"] else (1, {"status": 1, "result": result})


def _done(result: Any) -> Reply:  # noqa: ANN401 - any JSON
    return 0, {"status": 0, "result": result, "warnings": []}


def _failure(name: str, message: str) -> dict[str, Any]:
    return {"name": name, "message": message, "exitCode": 1, "status": 1, "stack": "", "warnings": []}


def _option(arguments: list[str], name: str) -> list[str]:
    return [value for option, value in pairwise(arguments) if option == name]
