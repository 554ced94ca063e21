"""What the checkers of the template ask and do not get."""

import re

import pytest

from local.stack.template import ROOT, TEMPLATE


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ((ROOT / ".checkov.yaml").read_text(), r"^  - (CKV\w+)(.*)$"),
        (TEMPLATE.read_text().split("\nParameters:")[0], r"^        - ([A-Z]+\d+)(.*)$"),
    ],
    ids=["checkov", "cfn-lint"],
)
def test_every_suppression_has_its_reason(text: str, rule: str) -> None:
    """Beside each rule that is left out stands why, and none is left out twice."""
    left_out = re.findall(rule, text, re.MULTILINE)
    names = [name for name, _ in left_out]

    assert names
    assert len(set(names)) == len(names)
    assert [name for name, reason in left_out if not re.match(r" # .{10,}", reason)] == []
