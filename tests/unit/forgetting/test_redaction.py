"""What remains of stored data of a forgotten customer: every field is decided on, and what remains is readable."""

from typing import Any

import pytest

from stigg_actions.exactly_once.registry import KINDS
from stigg_actions.forgetting.redaction import answer_without_people, terms_without_people
from stigg_actions.models.base import Answer
from stigg_actions.models.terms import TERMS

RESULTS: dict[str, type[Answer]] = {name: kind.write_class().result for name, kind in KINDS.items()}
"""The answer of every kind of write."""
GOES = {
    "billingPeriodEnd",
    "billingPeriodStart",
    "checkoutUrl",
    "customerUrl",
    "differingFields",
    "dryRunResult",
    "fallbackUsed",
    "hasScheduledUpdates",
    "immediateCurrency",
    "immediateDiscount",
    "immediateLines",
    "immediateSubTotal",
    "immediateTax",
    "immediateTotal",
    "isPlanDowngrade",
    "name",
    "notPriced",
    "paymentUrl",
    "pdfUrl",
    "poNumber",
    "recurringCurrency",
    "recurringDiscount",
    "recurringLines",
    "recurringSubTotal",
    "recurringTax",
    "recurringTotal",
    "responseText",
    "responseTruncated",
    "takesEffect",
    "takesEffectAt",
}
"""What goes of an answer: texts of others, addresses of pages, prices, and what a dry run says."""
EMPTIED = {"blockers", "changes", "reasons", "scheduledChanges"}
"""Lists whose words go."""
TERMS_THAT_GO = {"billingInformation", "checkoutOptions", "metadata"}


def fields(kind: str) -> dict[str, Any]:
    """Return the fields of a kind's answer as callers name them."""
    return {str(field.alias): field for field in RESULTS[kind].model_fields.values()}


def test_every_field_of_an_answer_is_decided_on() -> None:
    """A field that is added to an answer is kept, emptied or removed on purpose."""
    names = {name for kind in RESULTS for name in fields(kind)}
    kept = answer_without_people({name: ["Jane"] for name in names})

    assert names - kept.keys() == GOES
    assert {name for name, value in kept.items() if value == []} == EMPTIED


@pytest.mark.parametrize("kind", RESULTS)
def test_what_remains_answers_a_repeat(kind: str) -> None:
    """Whatever an answer of a kind cannot do without is still there."""
    needed = {name for name, field in fields(kind).items() if field.is_required()}

    assert needed
    assert needed <= answer_without_people(dict.fromkeys(fields(kind), "x")).keys()


def test_a_page_that_awaits_payment_stays() -> None:
    """The address of a payment page is needed until it is paid: Stigg does not show it again."""
    answer = {
        "outcome": "paymentRequired",
        "checkoutUrl": "https://pay",
        "paymentUrl": "https://pay",
        "message": "Jane",
    }

    assert answer_without_people(answer) == {key: answer[key] for key in answer if key != "message"}


def test_an_error_keeps_its_code() -> None:
    """Of an error its code and whether it may be repeated remain, and who reads it learns why the words are gone."""
    error = {"success": False, "errorCode": "PLAN_NOT_FOUND", "errorMessage": "Jane", "details": [{"problem": "Jane"}]}

    assert answer_without_people(error) == {
        "success": False,
        "errorCode": "PLAN_NOT_FOUND",
        "errorMessage": "PLAN_NOT_FOUND: The details were removed by forget-customer.",
        "details": [],
    }


def test_every_term_is_decided_on() -> None:
    """A term that is added is kept or removed on purpose."""
    names = {"".join([head, *(part.title() for part in rest)]) for head, *rest in (name.split("_") for name in TERMS)}

    assert names - terms_without_people(dict.fromkeys(names, "x")).keys() == TERMS_THAT_GO


@pytest.mark.parametrize(
    ("coupon", "left"),
    [
        ({"couponId": "coupon-1"}, {"couponId": "coupon-1"}),
        (
            {"discount": {"name": "For Jane", "description": "Jane", "percentOff": 5}},
            {"discount": {"percentOff": 5}},
        ),
    ],
)
def test_a_discount_loses_its_words(coupon: dict[str, Any], left: dict[str, Any]) -> None:
    """How much a discount takes off stays, or the next renewal would be dearer; what was written about it goes."""
    assert terms_without_people({"appliedCoupon": coupon}) == {"appliedCoupon": left}
