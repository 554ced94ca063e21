"""The layers as `sam build` makes them, each processor's built once."""

from dataclasses import dataclass, field
from pathlib import Path

from local.stack.sam import build

LAYERS = ("DependenciesLayer", "SharedLayer")


@dataclass
class Builds:
    """Builds by processor, made when first asked for."""

    folder: Path
    _made: dict[str, Path] = field(default_factory=dict)

    def layer(self, name: str, architecture: str) -> Path:
        """The folder of one built layer, as Lambda unpacks it under /opt."""
        if architecture not in self._made:
            self._made[architecture] = self.again(architecture)
        return self._made[architecture] / name

    def again(self, architecture: str) -> Path:
        """A build of its own, whatever was built before; the folder that holds both layers."""
        return build(self.folder / f"{architecture}-{len(self._made)}", architecture=architecture).parent
