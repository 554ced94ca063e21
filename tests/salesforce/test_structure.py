"""The Salesforce project's files against Salesforce's own description of its metadata."""

from pathlib import Path

import pytest

from scripts.salesforce_checks.metadata_types import MetadataTypes
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.rules import STRUCTURE_RULES, StructureRule
from tests.salesforce.breakages import STRUCTURE_BREAKAGES, Breakage
from tests.salesforce.conftest import FOLDER, SERVICE, Breaker
from tests.support.node import installed

BY_NAME = {rule.__name__: rule for rule in STRUCTURE_RULES}


@pytest.fixture(scope="module")
def metadata_types() -> MetadataTypes:
    """The declarations that Salesforce generates from its API."""
    return MetadataTypes(installed("@salesforce/types/lib/metadata.d.ts"))


@pytest.mark.parametrize("rule", STRUCTURE_RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(project: Project, metadata_types: MetadataTypes, rule: StructureRule) -> None:
    """No file has an unknown element, one out of order or missing, or a value that its type does not have."""
    assert [str(finding) for finding in rule(project, metadata_types)] == []


def test_the_variants_keep_the_rules(metadata_types: MetadataTypes) -> None:
    """The credentials that are not deployed as they are keep the same rules."""
    variants = Project(FOLDER, SERVICE, source=Path("variants"))

    assert len(variants.components) == 3
    for rule in STRUCTURE_RULES:
        assert [str(finding) for finding in rule(variants, metadata_types)] == []


@pytest.mark.parametrize("breakage", STRUCTURE_BREAKAGES, ids=str)
def test_a_rule_finds_what_breaks_it(broken: Breaker, metadata_types: MetadataTypes, breakage: Breakage) -> None:
    """A file that breaks a rule is found by it, with a message that says what is wrong."""
    project = broken(breakage.file, breakage.old, breakage.new)
    found = "\n".join(str(finding) for finding in BY_NAME[breakage.rule](project, metadata_types))

    assert breakage.problem in found


def test_every_rule_is_tried() -> None:
    """There is a broken file for every rule."""
    assert {breakage.rule for breakage in STRUCTURE_BREAKAGES} == BY_NAME.keys()
