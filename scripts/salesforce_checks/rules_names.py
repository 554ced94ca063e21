"""A rule for the texts of components: names and descriptions are as long as Salesforce stores."""

from collections.abc import Iterator

from scripts.salesforce_checks.metadata import Finding, text
from scripts.salesforce_checks.project import Project

_LONGEST = {
    ("CustomField", "description"): 1_000,
    ("CustomField", "label"): 40,
    ("CustomPermission", "description"): 255,
    ("Dashboard", "description"): 255,
    ("Dashboard", "title"): 80,
    ("Flow", "description"): 255,
    ("ListView", "label"): 40,
    ("PermissionSet", "description"): 255,
    ("PermissionSet", "label"): 80,
    ("Report", "description"): 255,
    ("Report", "name"): 40,
    ("ReportType", "description"): 255,
    ("ReportType", "label"): 50,
}


def names_and_descriptions_fit(project: Project) -> Iterator[Finding]:
    """Labels, names and descriptions of components are not too long; one that is fails a whole deployment."""
    for (kind, tag), longest in _LONGEST.items():
        for component in project.of(kind):
            length = len(text(component.root, tag))
            if length > longest:
                yield Finding(component.path.name, f"has a {tag} of {length} characters; {longest} is the most")
