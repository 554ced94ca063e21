"""Read the stack and parameters of an environment from samconfig.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMCONFIG = ROOT / "samconfig.toml"


class NotConfiguredError(Exception):
    """samconfig.toml lacks a value, or its values cannot be deployed."""


@dataclass(frozen=True)
class Section:
    """A section: an environment with its own stack."""

    name: str
    stack_name: str
    parameters: Mapping[str, str]

    @property
    def environment(self) -> str:
        """The Stigg environment, with which the secrets are marked."""
        return self.parameters.get("Environment", self.name)

    @property
    def secret(self) -> str:
        """Name of the secret with the API key."""
        return self.parameters.get("SecretName") or f"stigg/{self.environment}"

    @property
    def webhook_secret(self) -> str:
        """Name of the webhook secret."""
        return f"{self.secret}/webhook"


def section_of(config: Mapping[str, Any], name: str) -> Section:
    """Return a section by name. Raises NotConfiguredError if it or its stack or parameters are missing."""
    try:
        deploy = config[name]["deploy"]["parameters"]
        stack_name, overrides = deploy["stack_name"], deploy["parameter_overrides"]
    except KeyError:
        raise NotConfiguredError(
            f"samconfig.toml has no section [{name}.deploy.parameters] with stack_name and parameter_overrides."
        ) from None
    return Section(name, stack_name, dict(override.split("=", 1) for override in overrides))


def read(path: Path = SAMCONFIG) -> dict[str, Any]:
    """Read samconfig.toml."""
    return tomllib.loads(path.read_text())
