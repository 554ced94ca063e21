"""The page layouts of the org: a layout without any field of Stigg gets a section with them, and keeps the rest.

A layout is read from the org and deployed again with the section, by the Salesforce CLI in Salesforce's own format.
Buttons are only named: a layout that lists one button no longer has those that Salesforce offers by default.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from console.errors import RefusedError
from console.org_setup import project
from console.org_setup.found import Found, State
from console.org_setup.layout_file import LayoutFile
from console.org_setup.setup import Setup

SUFFIX = ".layout"


def add_fields(setup: Setup) -> Iterator[Found]:
    """Add the fields to the layouts of the objects that have them; name those that an admin's layout lacks."""
    if not setup.wishes.layouts or (setup.dry_run and not setup.is_deployed):
        yield Found(State.LEFT, "add the fields and the buttons that begin with Stigg to your page layouts")
        return
    names = _layouts(setup)
    with TemporaryDirectory(prefix="stigg-layouts-") as folder:
        root = _retrieved(setup, names, Path(folder))
        completed, found = [], [LayoutFile(file) for file in sorted(root.rglob(f"*{SUFFIX}"))]
        for layout in found:
            fields = _fields_of(layout.record)
            if not layout.add_section(fields, project.editable()):
                yield _kept(layout, fields)
                continue
            completed.append(layout)
        if completed and not setup.dry_run:
            _deploy(setup, root, completed)
        yield from (Found(State.CHANGED, f"{layout.name}: the section Stigg") for layout in completed)
    yield from _without_buttons(found)
    yield Found(State.LEFT, "Lightning pages with Dynamic Forms do not show layouts: add the fields in App Builder")


def _layouts(setup: Setup) -> list[str]:
    """Return the full names of the org's own layouts; those of packages cannot be deployed."""
    listed = setup.cli.run("org", "list", "metadata", "--metadata-type", "Layout")
    records = {field.record for field in project.fields()} - {project.SETTINGS}
    names = [str(one["fullName"]) for one in listed if not one.get("namespacePrefix")]
    return sorted(name for name in names if name.partition("-")[0] in records)


def _retrieved(setup: Setup, names: Iterable[str], folder: Path) -> Path:
    """Return the folder of the package that the org's layouts were unpacked to."""
    wanted = [part for name in names for part in ("--metadata", f"Layout:{name}")]
    setup.cli.run("project", "retrieve", "start", *wanted, "--target-metadata-dir", str(folder), "--unzip")
    packages = [path.parent for path in folder.rglob("package.xml")]
    if not packages:
        raise RefusedError("The org gave no layouts. Add the fields by hand, and run the command with --no-layouts.")
    return packages[0]


def _deploy(setup: Setup, root: Path, completed: list[LayoutFile]) -> None:
    """Deploy the completed layouts alone."""
    for file in root.rglob(f"*{SUFFIX}"):
        if file not in {layout.path for layout in completed}:
            file.unlink()
    members = "".join(f"<members>{layout.escaped_name}</members>" for layout in completed)
    (root / "package.xml").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="{project.NAMESPACE}"><types>{members}'
        f"<name>Layout</name></types><version>{project.api_version()}</version></Package>\n"
    )
    arguments = ("project", "deploy", "start", "--metadata-dir", str(root), "--single-package", "--wait", "10")
    result = setup.cli.result(*arguments)
    if not result.get("success"):
        failures = (result.get("details") or {}).get("componentFailures") or []
        texts = [f"{one.get('fullName')}: {one.get('problem')}" for one in failures]
        raise RefusedError(
            f"The org refuses the layouts: {' '.join(texts)} Add the fields by hand, and run with --no-layouts."
        )


def _fields_of(record: str) -> list[project.Field]:
    return [field for field in project.fields() if field.record == record]


def _without_buttons(layouts: Iterable[LayoutFile]) -> Iterator[Found]:
    """Name the buttons that layouts lack."""
    for layout in layouts:
        buttons = project.buttons(layout.record)
        missing = [label for name, label in buttons.items() if name not in layout.actions]
        if missing:
            yield Found(State.LEFT, f"{layout.name}: add the buttons {', '.join(missing)}")


def _kept(layout: LayoutFile, fields: list[project.Field]) -> Found:
    missing = [field.label for field in fields if field.name not in layout.fields]
    if missing:
        return Found(State.LEFT, f"{layout.name} has some of the fields; add as you like: {', '.join(missing)}")
    return Found(State.THERE, f"{layout.name} has the fields")
