"""What samconfig.toml says of an environment: its stack, its parameters, and the names that follow from them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMCONFIG = ROOT / "samconfig.toml"


class NotConfiguredError(Exception):
    """samconfig.toml does not say what is needed, or what it says cannot be deployed."""


@dataclass(frozen=True)
class Section:
    """One section: an environment of its own, deployed as a stack of its own."""

    name: str
    stack_name: str
    parameters: Mapping[str, str]

    @property
    def environment(self) -> str:
        """The Stigg environment, which the secrets are marked with."""
        return self.parameters.get("Environment", self.name)

    @property
    def secret(self) -> str:
        """Name of the secret with the API key."""
        return self.parameters.get("SecretName") or f"stigg/{self.environment}"

    @property
    def webhook_secret(self) -> str:
        """Name of the secret of the webhooks."""
        return f"{self.secret}/webhook"


def section_of(config: Mapping[str, Any], name: str) -> Section:
    """Return a section by its name. Raises NotConfiguredError if there is none, or it lacks its stack or parameters."""
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
