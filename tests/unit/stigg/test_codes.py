"""Stigg's error codes by meaning."""

import pytest

from stigg_actions.stigg import codes


@pytest.mark.parametrize(
    "spelling", ["CustomerNotFound", "CUSTOMER_NOT_FOUND", "customer_not_found", "CustomerNotFoundError"]
)
def test_spellings(spelling: str) -> None:
    """All spellings of a code are the same code."""
    assert codes.normalise(spelling) == "customernotfound"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, True),
        ("BadUserInput", True),
        ("IntegrityViolation", True),
        ("SomethingQuiteNew", True),
        ("BillingInvoiceStatusError", True),
        ("PlanNotFound", False),
        ("DuplicatedEntityNotAllowed", False),
        ("Unauthenticated", False),
        ("AccessDeniedError", False),
        ("IntegrationNotFound", False),
        ("BILLING_PERIOD_MISSING", False),
        ("ProductNotFoundError", False),
    ],
)
def test_open_invoice(code: str | None, expected: object) -> None:
    """An unpaid invoice may hide behind every code but those that have another meaning."""
    assert expected is codes.may_mean_open_invoice(code)


def test_groups() -> None:
    """Codes that ask for different treatment are in different groups."""
    groups = [codes.NOT_FOUND.keys() - codes.INTEGRATION, codes.DUPLICATE, codes.TURNED_AWAY, codes.TRANSIENT,
              codes.KEY_REJECTED, codes.KEY_LACKS_PERMISSION, codes.INTEGRATION, codes.INPUT]  # fmt: skip

    assert sum(map(len, groups)) == len(frozenset().union(*groups))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("workflowtriggernotfound", True),
        ("unauthenticated", True),
        ("identityforbidden", True),
        ("baduserinput", True),
        ("graphqlvalidationfailed", True),
        ("invalidmetadata", True),
        ("stripe", False),
        ("internalserver", False),
        ("", False),
    ],
)
def test_nothing_was_done(code: str, *, expected: bool) -> None:
    """Only codes of what is looked at first prove that nothing was done."""
    assert expected is codes.means_nothing_was_done(code)
