"""Read the Salesforce DX project: its components, objects, fields and settings."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.kinds import OF_FIELD_TYPES, Kind
from scripts.salesforce_checks.metadata import SUFFIX, Component, Malformed, read, text
from scripts.salesforce_checks.service import Service
from scripts.salesforce_checks.standard_objects import FIELDS

SOURCE = Path("force-app/main/default")


@dataclass(frozen=True)
class Project:
    """The project in a folder, and the External Service that it registers."""

    folder: Path
    service: Service
    source: Path = SOURCE

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """The content of `sfdx-project.json`."""
        return dict(json.loads((self.folder / "sfdx-project.json").read_text()))

    @property
    def api_version(self) -> str:
        """The Metadata API version of the files."""
        return str(self.configuration["sourceApiVersion"])

    @property
    def files(self) -> list[Path]:
        """Every file of a deployment."""
        return sorted(path for path in (self.folder / self.source).rglob("*") if path.is_file())

    @cached_property
    def components(self) -> list[Component]:
        """Every well-formed metadata file."""
        return [component for path in self.files if (component := _read_or_none(path))]

    def of(self, kind: str) -> Iterator[Component]:
        """Return the components of one metadata type."""
        return iter(self.named(kind).values())

    def named(self, kind: str) -> dict[str, Component]:
        """Return the components of one metadata type by full name."""
        return self._by_type.get(kind, {})

    @cached_property
    def _by_type(self) -> dict[str, dict[str, Component]]:
        by_type: dict[str, dict[str, Component]] = {}
        for component in self.components:
            by_type.setdefault(component.type, {})[component.name] = component
        return by_type

    @cached_property
    def flows(self) -> list[Flow]:
        """Every flow."""
        return [Flow(component) for component in self.of("Flow")]

    def flow(self, name: str) -> Flow | None:
        """Return a flow by its API name; None if there is none."""
        component = self.named("Flow").get(name)
        return Flow(component) if component else None

    @cached_property
    def settings(self) -> set[str]:
        """The names of the custom settings, whose values an admin enters in the org."""
        return {
            name for name, component in self.named("CustomObject").items() if text(component.root, "customSettingsType")
        }

    def field(self, record: str, name: str) -> Kind | None:
        """Return the kind of a field or parent record; None if the object has no such field."""
        if name in FIELDS.get(record, {}):
            return FIELDS[record][name]
        custom = self.named("CustomField").get(f"{record}.{name}")
        return Kind(OF_FIELD_TYPES[text(custom.root, "type")]) if custom else None


def _read_or_none(path: Path) -> Component | None:
    if not path.name.endswith(SUFFIX):
        return None
    try:
        return read(path)
    except Malformed:
        return None
