"""Deployments into an org and retrievals out of it, as far as the Salesforce CLI reports them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from local.salesforce_org.administration.state import Administration
from scripts.salesforce_checks.metadata import SUFFIX

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_STYLES = {"TwoColumnsTopToBottom", "TwoColumnsLeftToRight", "OneColumn", "CustomLinks"}
_BEHAVIORS = {"Edit", "Readonly", "Required"}


def deploy_project(
    administration: Administration, folder: Path, environment: Mapping[str, str], *, dry_run: bool
) -> dict[str, Any]:
    """Deploy a project in source format, with the variables of the environment in place; return the CLI's result.

    Raises KeyError with the variable that is not set.
    """
    files = _with_replacements(folder, environment)
    if administration.deployment_problem:
        return _result([], [{"componentType": "Flow", "fullName": "X", "problem": administration.deployment_problem}])
    states = [_state(path, administration.files.get(path), content) for path, content in files.items()]
    if not dry_run and administration.files != files:
        administration.files = files
        administration.changes.append("deployment")
        administration.url = _value(files, "namedCredentials/Stigg_Actions", "Url")
        administration.region = _value(files, "externalCredentials/Stigg_Actions", "AwsRegion")
    return _result(states, [])


def retrieve_layouts(administration: Administration, names: list[str], folder: Path) -> dict[str, Any]:
    """Write layouts into a folder in metadata format; return the CLI's result."""
    package = folder / "unpackaged" / "unpackaged"
    (package / "layouts").mkdir(parents=True)
    members = "".join(f"<members>{escape(name)}</members>" for name in names)
    (package / "package.xml").write_text(f"<Package><types>{members}<name>Layout</name></types></Package>")
    for name in names:
        (package / "layouts" / f"{name}.layout").write_text(administration.layouts[name])
    return _result([], [])


def deploy_layouts(administration: Administration, package: Path) -> dict[str, Any]:
    """Deploy layouts in metadata format, all or none; return the CLI's result."""
    manifest = ET.parse(package / "package.xml").getroot()  # noqa: S314 - of a test
    names = [str(member.text) for member in manifest.iter(f"{_NAMESPACE}members")]
    if {path.stem for path in package.rglob("*.layout")} != set(names):
        return _result([], [{"fullName": "package.xml", "problem": "does not name the files of the package"}])
    texts = {name: (package / "layouts" / f"{name}.layout").read_text() for name in names}
    problems = [
        {"componentType": "Layout", "fullName": name, "problem": problem}
        for name, content in texts.items()
        for problem in _layout_problems(administration, name, content)
    ]
    if not problems:
        administration.layouts |= texts
        administration.changes.append("layouts")
    return _result([], problems)


def _with_replacements(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the content of every file by its path, as the CLI sends it."""
    project = json.loads((folder / "sfdx-project.json").read_text())
    source = folder / project["packageDirectories"][0]["path"]
    paths = [path for path in sorted(source.rglob("*")) if path.name.endswith(SUFFIX)]
    files = {str(path.relative_to(folder)): path.read_text() for path in paths}
    for one in project["replacements"]:
        value = environment[one["replaceWithEnv"]]
        files[one["filename"]] = files[one["filename"]].replace(one["stringToReplace"], value)
    return files


def _value(files: Mapping[str, str], path: str, parameter: str) -> str:
    (content,) = [content for name, content in files.items() if path in name]
    found = re.search(rf"<parameterName>{parameter}</.+?<parameterValue>(.+?)</", content, re.DOTALL)
    return found[1] if found else ""


def _state(path: str, before: str | None, content: str) -> dict[str, str]:
    state = "Created" if before is None else "Unchanged" if before == content else "Changed"
    return {"fullName": Path(path).name.partition(".")[0], "filePath": path, "state": state}


def _result(files: list[dict[str, str]], failures: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "status": "Failed" if failures else "Succeeded",
        "success": not failures,
        "numberComponentErrors": len(failures),
        "files": files,
        "details": {"componentSuccesses": [], "componentFailures": failures},
    }


def _layout_problems(administration: Administration, name: str, content: str) -> list[str]:
    root = ET.fromstring(content)  # noqa: S314 - of a test
    tags = [child.tag for child in root]
    schema, record = administration.org.schema, name.partition("-")[0]
    known = {*schema.fields[record], *schema.formulas.get(record, {})}
    shown = [str(item.text) for item in root.iter(f"{_NAMESPACE}field")]
    problems = [f"Field:{field} - no such field" for field in shown if field.endswith("__c") and field not in known]
    problems += [f"{field} appears twice" for field in set(shown) if shown.count(field) > 1]
    if [tag for number, tag in enumerate(tags) if tag in tags[:number] and tags[number - 1] != tag]:
        problems.append("elements of one name do not stand together")
    problems += [f"style {one.text}" for one in root.iter(f"{_NAMESPACE}style") if one.text not in _STYLES]
    behaviors = [one.text for one in root.iter(f"{_NAMESPACE}behavior")]
    return problems + [f"behavior {one}" for one in behaviors if one not in _BEHAVIORS]
