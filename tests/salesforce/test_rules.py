"""The Salesforce project against our own rules, and each rule against projects that break it."""

import pytest

from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.rules import RULES, Rule
from tests.salesforce.breakages import BREAKAGES, Breakage
from tests.salesforce.breakages_of_packages import PACKAGE_BREAKAGES
from tests.salesforce.breakages_of_records import RECORD_BREAKAGES
from tests.salesforce.breakages_of_screens import SCREEN_BREAKAGES
from tests.salesforce.conftest import Breaker

ALL_BREAKAGES = BREAKAGES + RECORD_BREAKAGES + PACKAGE_BREAKAGES + SCREEN_BREAKAGES
BY_NAME = {rule.__name__: rule for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(project: Project, rule: Rule) -> None:
    """Nothing in `salesforce/` breaks a rule."""
    assert [str(finding) for finding in rule(project)] == []


@pytest.mark.parametrize("breakage", ALL_BREAKAGES, ids=str)
def test_a_rule_finds_what_breaks_it(broken: Breaker, breakage: Breakage) -> None:
    """A project that breaks a rule is found by it, with a message that says what is wrong."""
    project = broken(breakage.file, breakage.old, breakage.new)

    assert breakage.problem in "\n".join(str(finding) for finding in BY_NAME[breakage.rule](project))


def test_every_rule_is_tried() -> None:
    """There is a broken project for every rule."""
    assert {breakage.rule for breakage in ALL_BREAKAGES} == BY_NAME.keys()
