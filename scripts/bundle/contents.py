"""Assemble a release from the builds of both processors."""

import gzip
import hashlib
import re
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from local.stack.template import ROOT
from scripts.bundle import notices

LAYERS = ("DependenciesLayer", "SharedLayer")
_COPIED = ("CHANGELOG.md", "LICENSE", "docs/openapi.json", "docs/deployer-policy.json")
_FUNCTION = re.compile(r"^.*/functions/(\w+)$")
_WITHOUT = shutil.ignore_patterns("__pycache__", ".*")
_THE_SAME_DAY = 315_532_800
"""The first moment that archives can name (1980): an archive of the same files is always the same."""


def assemble(builds: Mapping[str, Path], folder: Path, version: str) -> None:
    """Write a release into an empty folder, from the built template of each processor."""
    for architecture, built_template in builds.items():
        _add_build(built_template, folder / architecture, architecture, version)
    for name in _COPIED:
        shutil.copy(ROOT / name, folder)
    shutil.copy(ROOT / "scripts" / "bundle" / "INSTALL.md", folder)
    shutil.copytree(ROOT / "salesforce", folder / "salesforce", ignore=_WITHOUT)
    layer = next(iter(builds.values())).parent / LAYERS[0]
    notices.copy_licences(layer, folder / "licences")
    (folder / "sbom.cdx.json").write_text(notices.bill_of_materials(layer, version))
    (folder / "SHA256SUMS").write_text(_checksums(folder))


def archive(folder: Path) -> Path:
    """Pack a release beside its folder, the same bytes for the same files; return the archive."""
    place = folder.with_name(f"{folder.name}.tar.gz")
    with (
        place.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=_THE_SAME_DAY) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for path in sorted(folder.rglob("*")):
            tar.add(path, arcname=f"{folder.name}/{path.relative_to(folder)}", recursive=False, filter=_anonymous)
    return place


def packaged(text: str, architecture: str, version: str) -> str:
    """Return a built template whose functions lie beside it, for one processor."""
    template = yaml.safe_load(text)
    parameters = template["Parameters"]
    parameters["Architecture"] |= {"Default": architecture, "AllowedValues": [architecture]}
    parameters["Release"]["Default"] = version
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            code = resource["Properties"]["CodeUri"]
            resource["Properties"]["CodeUri"] = _FUNCTION.sub(r"functions/\1", code)
    written: str = yaml.safe_dump(template, sort_keys=False, width=120)
    return written


def _add_build(built_template: Path, folder: Path, architecture: str, version: str) -> None:
    for layer in LAYERS:
        shutil.copytree(built_template.parent / layer, folder / layer)
    shutil.copytree(ROOT / "functions", folder / "functions", ignore=_WITHOUT)
    (folder / "template.yaml").write_text(packaged(built_template.read_text(), architecture, version))


def _checksums(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files)


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.mtime, info.uid, info.gid, info.uname, info.gname = _THE_SAME_DAY, 0, 0, "", ""
    info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
    return info
