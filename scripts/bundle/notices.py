"""The libraries in a layer: their licences, and a bill of materials in CycloneDX's format."""

import shutil
from importlib.metadata import Distribution, distributions
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.spdx import is_supported_id
from packageurl import PackageURL

_LICENCE_FILES = ("LICEN[CS]E*", "NOTICE*", "COPYING*", "AUTHORS*", "licenses/**/*")
_CLASSIFIER = "License :: OSI Approved :: "


class NoLicenceError(Exception):
    """A library that is shipped has no licence file."""


def bill_of_materials(layer: Path, version: str) -> str:
    """Return the bill of materials of a release whose layer has these libraries, as JSON."""
    bom = Bom()
    bom.metadata.component = Component(type=ComponentType.APPLICATION, name="stigg-actions", version=version)
    components = [_component(library) for library in libraries(layer)]
    for component in components:
        bom.components.add(component)
    bom.register_dependency(bom.metadata.component, components)
    text: str = JsonV1Dot6(bom).output_as_string(indent=2)
    return f"{text}\n"


def copy_licences(layer: Path, folder: Path) -> None:
    """Copy the licence files of every library in a layer. Raises NoLicenceError if one has none."""
    for library in libraries(layer):
        info = _info(library)
        files = sorted({path for pattern in _LICENCE_FILES for path in info.glob(pattern) if path.is_file()})
        if not files:
            raise NoLicenceError(f"{library.name} {library.version} has no licence file in {info.name}.")
        for path in files:
            place = folder / f"{library.name}-{library.version}" / path.relative_to(info)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


def libraries(layer: Path) -> list[Distribution]:
    """Return the libraries of a layer by name."""
    return sorted(distributions(path=[str(layer / "python")]), key=lambda library: library.name.lower())


def _component(library: Distribution) -> Component:
    licences = LicenseFactory()
    return Component(
        name=library.name,
        version=library.version,
        licenses=[licences.make_from_string(name) for name in _licence(library)],
        purl=PackageURL("pypi", name=library.name.lower(), version=library.version),
        bom_ref=f"{library.name}@{library.version}",
    )


def _licence(library: Distribution) -> list[str]:
    """Return the licences that a library names: by their SPDX names, or else as PyPI classifies them."""
    given = library.metadata
    if "License-Expression" in given:
        return [given["License-Expression"]]
    if is_supported_id(given.get("License", "")):
        return [given["License"]]
    classified = given.get_all("Classifier", [])
    return [text.removeprefix(_CLASSIFIER) for text in classified if text.startswith(_CLASSIFIER)]


def _info(library: Distribution) -> Path:
    """Return the folder that describes a library. The layers have no RECORD, which would list its files."""
    return Path(str(library.locate_file(""))) / f"{library.name.replace('-', '_')}-{library.version}.dist-info"
