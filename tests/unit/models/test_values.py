"""The values that fields hold, as Salesforce sends them."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.errors import RequestInvalid
from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.parsing import parse
from stigg_actions.models.terms import TrialOverrideConfiguration
from stigg_actions.models.trigger_workflow import TriggerWorkflow
from stigg_actions.models.values import Reading
from stigg_actions.storage.operation import fingerprint
from tests.unit.models.conftest import Problems

BASE = {"customerId": "acme", "planId": "plan-growth"}
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
EMOJI = "\N{GRINNING FACE}"
MONEY = {"amount": 1, "currency": "<currency>"}
TIERS = [{"unitPrice": MONEY}]
NO_DATE = "must be a date (2026-01-31) or date-time (2026-01-31T09:30:00Z)"
NO_OFFSET = "has a UTC offset that does not exist; offsets lie between -12:00 and +14:00"
NO_NUMBER = "must be a number without separators, units or currency symbols, such as 1000.5"


def subscription(**fields: Any) -> CreateSubscription:  # noqa: ANN401 - any field
    """Parse a request with these fields."""
    return parse(CreateSubscription, {**BASE, **fields})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-01-31T12:00:00Z", NOON),
        ("2026-01-31T12:00:00.000Z", NOON),
        ("2026-01-31T12:00:00+0000", NOON),
        ("2026-01-31T12:00:00.000+0000", NOON),
        ("2026-01-31T14:00:00+02:00", NOON),
        ("2026-01-31T07:00:00-0500", NOON),
        ("2026-01-31T12:00:00", NOON),
        ("2026-02-01T02:00:00+14:00", NOON),
        ("2026-01-31T00:00:00-12:00", NOON),
        ("2026-01-31 12:00:00Z", NOON),
        ("  2026-01-31T12:00:00Z  ", NOON),
    ],
)
def test_moments(given: str, expected: datetime) -> None:
    """A date-time in any of Salesforce's forms is a moment in UTC."""
    request = subscription(startDate=given, cancellationDate=given.replace("2026", "2027"))

    assert expected == request.start_date
    assert expected.replace(year=2027) == request.cancellation_date


def test_dates() -> None:
    """A date alone means the first second of a start, and the last of an end."""
    request = subscription(startDate="2026-01-31", cancellationDate="2026-01-31")

    assert request.start_date == datetime(2026, 1, 31, tzinfo=UTC)
    assert request.cancellation_date == datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)


def test_moments_of_our_own() -> None:
    """A request that is built in Python takes moments as they are."""
    assert TrialOverrideConfiguration(is_trial=True, trial_end_date=NOON).trial_end_date is NOON


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("31.01.2026", NO_DATE),
        ("2026-02-30", NO_DATE),
        ("tomorrow", NO_DATE),
        (20260131, NO_DATE),
        ("20260131", NO_DATE),
        ("2026-W05-6", NO_DATE),
        ("2026-W05", NO_DATE),
        ("2026-01-31T", NO_DATE),
        ("\N{ARABIC-INDIC DIGIT TWO}026-01-31", NO_DATE),
        (True, NO_DATE),
        ({"date": "2026-01-31"}, NO_DATE),
        ("2026-01-31T24:00:00Z", NO_DATE),
        ("2026-01-31T23:59:60Z", NO_DATE),
        ("2026-01-31T12:00:00+05:60", NO_DATE),
        ("2026-13-01", NO_DATE),
        ("2026-01-31T12:00:00+15:00", NO_OFFSET),
        ("2026-01-31T12:00:00+14:01", NO_OFFSET),
        ("2026-01-31T12:00:00-12:01", NO_OFFSET),
        ("2026-01-31T12:00:00-2300", NO_OFFSET),
        ("0001-01-01T00:00:00+14:00", "must lie in the years 1970 to 2199"),
        ("9999-12-31", "must lie in the years 1970 to 2199"),
        ("1970-01-01T00:00:00+00:01", "must lie in the years 1970 to 2199"),
        ("1969-12-31", "must lie in the years 1970 to 2199"),
        ("2200-01-01", "must lie in the years 1970 to 2199"),
    ],
)
@pytest.mark.parametrize("field", ["startDate", "cancellationDate"])
def test_no_moments(problems: Problems, field: str, given: object, expected: str) -> None:
    """What is no date, or one of another age, is refused under its field."""
    assert {field: expected} == problems(CreateSubscription, {**BASE, field: given})


@pytest.mark.parametrize(
    ("zone", "problem"),
    [
        ("Europe/Berlni", "is not a time zone of the IANA database; did you mean Europe/Berlin?"),
        ("+02:00", "is not a time zone of the IANA database; give a name such as America/New_York"),
        ("x" * 65, "must have at most 64 characters"),
        (2, "must be text"),
    ],
)
def test_no_zone(zone: object, problem: str) -> None:
    """A zone that does not exist is refused under its field, and not once more under each date."""
    body = {**BASE, "startDate": "2026-01-31", "cancellationDate": "2027-01-31", "timeZone": zone}
    with pytest.raises(RequestInvalid) as refused:
        parse(CreateSubscription, body, Reading(zone))

    assert [(detail.field, detail.problem) for detail in refused.value.details] == [("timeZone", problem)]


def test_instant(problems: Problems) -> None:
    """The age of a Salesforce state is a moment, in the request's zone if it has no offset, and never a day."""
    body = {**BASE, "asOf": "2026-01-31T09:30:00"}
    message = "must be a date-time, such as 2026-01-31T09:30:00Z: a date alone does not show which change is newer"

    assert parse(CreateSubscription, body, Reading("Asia/Tokyo")).as_of == datetime(2026, 1, 31, 0, 30, tzinfo=UTC)
    assert problems(CreateSubscription, {**BASE, "asOf": "2026-01-31"}) == {"asOf": message}


def test_blank_zone() -> None:
    """A blank zone is none: the deployment's own counts."""
    body = {**BASE, "startDate": "2026-01-31", "timeZone": " "}
    request = parse(CreateSubscription, body, Reading(" ", lambda: "Asia/Tokyo"))

    assert (request.time_zone, request.start_date) == (None, datetime(2026, 1, 30, 15, tzinfo=UTC))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (3, 3),
        (Decimal("3.0"), 3),
        (3.0, 3),
        ("3", 3),
        (" 3.00 ", 3),
        (0, 0),
        (Decimal("1E+2"), 100),
        ("3.", 3),
        ("+3", 3),
        ("1.2E3", 1200),
        (".0", 0),
        ("007", 7),
    ],
)
def test_whole_numbers(given: object, expected: int) -> None:
    """A whole number may be written as the decimal that Salesforce has."""
    assert expected == subscription(unitQuantity=given).unit_quantity


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Decimal("3.5"), "must be a whole number; fractions are refused, not rounded"),
        ("2.999", "must be a whole number; fractions are refused, not rounded"),
        (True, "must be a number"),
        ("three", "must be a number"),
        ("1_000", NO_NUMBER),
        ("1,000", NO_NUMBER),
        ("1.000,5", NO_NUMBER),
        ("1 000", NO_NUMBER),
        ("1\u00a0000", NO_NUMBER),
        ("1'000", NO_NUMBER),
        ("$5", NO_NUMBER),
        ("USD 5", NO_NUMBER),
        ("50%", NO_NUMBER),
        ("(5)", NO_NUMBER),
        ("0x10", NO_NUMBER),
        ("--5", NO_NUMBER),
        ("5.5.5", NO_NUMBER),
        ("\u22125", NO_NUMBER),
        (".", "must be a number"),
        ("+", "must be a number"),
        ("\uff13", "must be a number"),
        ("-.5", "must be a whole number; fractions are refused, not rounded"),
        ("1e400", "is a number of more than 40 digits"),
        ("\N{ARABIC-INDIC DIGIT THREE}", "must be a number"),
        (float("nan"), "is not a finite number"),
        ([3], "must be a number"),
        (-1, "must be greater than or equal to 0"),
        (10**16, "must be less than or equal to 1000000000000000"),
        ("NaN", "must be a number"),
        ("Infinity", "must be a number"),
        ("1e999999999", "is a number of more than 40 digits"),
        ("1e9999999999999999999", NO_NUMBER),
        ("9" * 50, "is a number of more than 40 digits"),
    ],
)
def test_no_whole_numbers(problems: Problems, given: object, expected: str) -> None:
    """A fraction is refused rather than rounded, and so is what is no sensible number."""
    assert {"unitQuantity": expected} == problems(CreateSubscription, {**BASE, "unitQuantity": given})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (49, "49"),
        (Decimal("49.90"), "49.90"),
        (0.1, "0.1"),
        ("12.34", "12.34"),
        (0, "0"),
        ("0.0000000001", "1E-10"),
        (".5", "0.5"),
        ("+.5", "0.5"),
        ("5.", "5"),
        (" .50 ", "0.50"),
        ("5.E-1", "0.5"),
        ("1.5E3", "1500"),
        ("00.5", "0.5"),
    ],
)
def test_amounts(given: object, expected: str) -> None:
    """An amount is an exact decimal."""
    money = subscription(minimumSpend={"amount": given, "currency": "USD"}).minimum_spend

    assert money is not None
    assert Decimal(expected) == money.amount


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (-1, "must be greater than or equal to 0"),
        (None, "is required"),
        ("", "is required"),
        (True, "must be a number"),
        ("1,50", NO_NUMBER),
        ("-.5", "must be greater than or equal to 0"),
        (".", "must be a number"),
        ("NaN", "must be a number"),
        ("-Infinity", "must be a number"),
        (Decimal("0.00000000001"), "must have no more than 10 decimal places"),
        (10**20, "must have no more than 20 digits in total"),
    ],
)
def test_no_amounts(problems: Problems, given: object, expected: str) -> None:
    """What is no amount of money is refused."""
    body = {**BASE, "minimumSpend": {"amount": given, "currency": "USD"}}

    assert {"minimumSpend.amount": expected} == problems(CreateSubscription, body)


@pytest.mark.parametrize(("given", "expected"), [("USD", "usd"), ("eur", "eur"), (" GBP ", "gbp")])
def test_currency(given: str, expected: str) -> None:
    """Currency codes go out in Stigg's lower case."""
    money = subscription(minimumSpend={"amount": 1, "currency": given}).minimum_spend

    assert money is not None
    assert expected == money.currency


def test_zero_has_no_sign() -> None:
    """A zero with a sign is zero, so that it is the same request."""
    money = [subscription(minimumSpend={"amount": zero, "currency": "USD"}) for zero in (0, -0.0, "-0", "-.0", "+0.00")]

    assert len({fingerprint(request.canonical()) for request in money}) == 1


@pytest.mark.parametrize("given", ["HUF", "twd", "XXX", "usx"])
@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("minimumSpend.currency", {"minimumSpend": MONEY}),
        ("planBaseChargeOverride.currency", {"planBaseChargeOverride": MONEY}),
        ("priceOverrides[0].currency", {"priceOverrides": [{"baseCharge": True, **MONEY}]}),
        ("priceOverrides[0].tiers[0].unitPrice.currency", {"priceOverrides": [{"featureId": "f", "tiers": TIERS}]}),
        ("appliedCoupon.discount.amountsOff[0].currency", {"appliedCoupon": {"discount": {"amountsOff": [MONEY]}}}),
    ],
)
def test_currency_that_stigg_does_not_take(problems: Problems, given: str, field: str, body: dict[str, Any]) -> None:
    """A currency outside of Stigg's list is refused under its field, wherever it stands."""
    written = json.loads(json.dumps(body).replace("<currency>", given))
    message = f"is {given.upper()}, a currency that Stigg does not accept; use another one, such as USD or EUR"

    assert problems(CreateSubscription, {**BASE, **written}) == {field: message}


@pytest.mark.parametrize("given", ["US", "USDX", "U$D", "\N{KELVIN SIGN}rw"])
def test_no_currency(problems: Problems, given: str) -> None:
    """A currency code has three letters."""
    body = {**BASE, "minimumSpend": {"amount": 1, "currency": given}}

    assert list(problems(CreateSubscription, body)) == ["minimumSpend.currency"]


@pytest.mark.parametrize(
    ("given", "expected"), [(True, True), (False, False), ("true", True), ("FALSE", False), (" True ", True)]
)
def test_flags(given: object, *, expected: bool) -> None:
    """A flag may be the text of a formula."""
    assert expected is subscription(awaitPaymentConfirmation=given).await_payment_confirmation


@pytest.mark.parametrize("given", [1, 0, "yes", [True], {"value": True}])
def test_no_flags(problems: Problems, given: object) -> None:
    """Numbers and other words are no flags."""
    body = {**BASE, "awaitPaymentConfirmation": given}

    assert problems(CreateSubscription, body) == {"awaitPaymentConfirmation": "must be true or false"}


@pytest.mark.parametrize(
    "given", ["END_OF_BILLING_PERIOD", "end_of_billing_period", "End of billing period", "End-of-Billing  Period"]
)
def test_picklists(given: str) -> None:
    """A picklist's label stands for Stigg's name."""
    assert subscription(scheduleStrategy=given).schedule_strategy == "END_OF_BILLING_PERIOD"


@pytest.mark.parametrize("given", ["weekly", 5, ["MONTHLY"]])
def test_no_choice(problems: Problems, given: object) -> None:
    """A word that Stigg does not know is refused with those that it knows."""
    body = {**BASE, "billingPeriod": given}

    assert problems(CreateSubscription, body) == {"billingPeriod": "must be 'MONTHLY' or 'ANNUALLY'"}


@pytest.mark.parametrize(
    "given",
    [
        {"tier": "gold", "seats": 3, "ratio": Decimal("0.50"), "vip": True, "old": False},
        [
            {"key": "tier", "value": "gold"},
            {"key": "seats", "value": 3},
            {"key": "ratio", "value": Decimal("0.50")},
            {"key": "vip", "value": True},
            {"key": "old", "value": False},
        ],
        '{"tier": "gold", "seats": 3, "ratio": 0.50, "vip": true, "old": false}',
        """[{"key": "tier", "value": "gold"}, {"key": "seats", "value": 3.0}, {"key": "ratio", "value": 0.5},
            {"key": "vip", "value": true}, {"key": "old", "value": false}]""",
    ],
)
def test_maps(given: object) -> None:
    """A map may be one, a list of pairs, or the JSON text of either; its values become text."""
    expected = {"tier": "gold", "seats": "3", "ratio": "0.5", "vip": "true", "old": "false"}

    assert expected == subscription(metadata=given).metadata


@pytest.mark.parametrize("given", [{"a": "", "b": None}, [{"key": "a"}, {"key": "b", "value": ""}], {}, [], "{}"])
def test_blank_entries(given: object) -> None:
    """Entries without a value are not given."""
    assert subscription(metadata=given).metadata == {}


NO_MAP = "must be a list of {key, value} or a map"
NO_PAIR = "must contain only entries of the form {key, value}"
NO_KEY = "has a key that is not text of 1 to 255 characters"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (5, NO_MAP),
        (True, NO_MAP),
        ("5", NO_MAP),
        ("{", "is not valid JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        ('{"a": 1, "a": 2}', "is given twice in one object"),
        (["a"], NO_PAIR),
        ([{"value": "b"}], NO_PAIR),
        ([{"key": "a", "value": "b", "more": "c"}], NO_PAIR),
        ([{"key": "a", "value": "1"}, {"key": "a", "value": "2"}], "gives the key 'a' twice"),
        ({"a": "1", " a": "2"}, "gives the key 'a' twice"),
        ([{"key": 5, "value": "1"}], NO_KEY),
        ([{"key": None, "value": "1"}], NO_KEY),
        ({" ": "1"}, NO_KEY),
        ({"k" * 256: "1"}, NO_KEY),
        ({"a\x00": "1"}, "has the key 'a\\x00', which contains a control character; remove it"),
        ({"a\tb": "1"}, "has the key 'a\\tb', which contains the invisible character U+0009; remove it"),
        ({"a\u200b": "1"}, "has the key 'a\\u200b', which contains the invisible character U+200B; remove it"),
        ({"a": "b\x07"}, "has a value under 'a' that contains a control character; remove it"),
        ([{"key": "a", "value": "b\x9b"}], "has a value under 'a' that contains a control character; remove it"),
        ('{"a": "b\\u0000"}', "has a value under 'a' that contains a control character; remove it"),
        ({"a": "b\u202ec"}, "has a value under 'a' that contains the invisible character U+202E; remove it"),
        ({"a": "gold\u200b"}, "has a value under 'a' that contains the invisible character U+200B; remove it"),
        ({"a": "\u3164"}, "has a value under 'a' that contains only invisible characters; give visible text"),
        ({"a": ["1"]}, "has a value under 'a' that is not text (up to 5000 characters), number or boolean"),
        ({"a": {"b": "1"}}, "has a value under 'a' that is not text (up to 5000 characters), number or boolean"),
        ({"a": "x" * 5001}, "has a value under 'a' that is not text (up to 5000 characters), number or boolean"),
    ],
)
def test_no_maps(problems: Problems, given: object, expected: str) -> None:
    """What is no flat map is refused, with the reason."""
    assert {"metadata": expected} == problems(CreateSubscription, {**BASE, "metadata": given})


def test_blank_values() -> None:
    """Blanks around keys and values are dropped, and a blank value is none."""
    assert subscription(metadata={" a ": " 1 ", "b": "  ", "c": ""}).metadata == {"a": "1"}


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.from_regex(r"\w{1,9}", fullmatch=True)))
def test_forms_of_a_map(entries: dict[str, str]) -> None:
    """A map and the list of its pairs are the same."""
    pairs = [{"key": key, "value": value} for key, value in entries.items()]

    assert subscription(metadata=entries) == subscription(metadata=pairs)


@pytest.mark.parametrize("given", ['[{"id": "a", "quantity": 2}]', [{"id": "a", "quantity": 2}]])
def test_lists(given: object) -> None:
    """A list may be its JSON text."""
    addons = subscription(addons=given).addons

    assert addons is not None
    assert [(addon.id, addon.quantity) for addon in addons] == [("a", 2)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (5, {"addons": "must be a list"}),
        ({"id": "a", "quantity": 1}, {"addons": "must be a list"}),
        ('{"id": "a"}', {"addons": "must be a list"}),
        ("[", {"addons": "is not valid JSON: Expecting value at line 1, column 2"}),
        ("[" * 100_000, {"addons": "is nested deeper than 32 levels"}),
        ("[NaN]", {"addons": "contains NaN, which is not a JSON number"}),
        ("[1e9999999999999999999]", {"addons": "contains a number of more than 40 digits"}),
        (["a"], {"addons[0]": "must be an object"}),
        ([{"id": "a"}, {}], {"addons[0].quantity": "is required", "addons[1].id": "is required",
                             "addons[1].quantity": "is required"}),
    ],
    ids=range(9),
)  # fmt: skip
def test_no_lists(problems: Problems, given: object, expected: dict[str, str]) -> None:
    """What is no list of the right things is refused, element by element."""
    assert expected == problems(CreateSubscription, {**BASE, "addons": given})


@pytest.mark.parametrize("given", [{"a": [1, {"b": None}]}, '{"a": [1, {"b": null}]}'])
def test_objects(given: object) -> None:
    """A workflow's payload is an object or its text, kept as it is."""
    assert parse(TriggerWorkflow, {"triggerId": "t", "payload": given}).payload == {"a": [1, {"b": None}]}


@pytest.mark.parametrize(
    ("payload", "field", "problem"),
    [
        ({"a": "b\x07"}, "payload.a", "contains a control character; remove it"),
        ({"a": [1, {"b": ["c", "d\x85"]}]}, "payload.a[1].b[1]", "contains a control character; remove it"),
        ('{"a": {"b": "\\u202e"}}', "payload.a.b", "contains the invisible character U+202E; remove it"),
        ({"a": {"b\x00": 1}}, "payload.a", "has the key 'b\\x00', which contains a control character; remove it"),
        ({"b\x00": 1}, "payload", "has the key 'b\\x00', which contains a control character; remove it"),
        ({"a": "\u200bb"}, "payload.a", "contains the invisible character U+200B; remove it"),
        ({"a": "\ud800"}, "payload.a", "contains the invisible character U+D800; remove it"),
    ],
)
def test_characters_of_a_payload(problems: Problems, payload: object, field: str, problem: str) -> None:
    """Characters that nobody can see are refused anywhere in a payload, and the place is named."""
    assert problems(TriggerWorkflow, {"triggerId": "t", "payload": payload}) == {field: problem}


def test_texts_of_a_payload() -> None:
    """A payload may hold blank text, lines of text, and any script."""
    payload = {"": "", "note": "two\nlines", "list": [" ", "M\u00fcller", EMOJI]}

    assert parse(TriggerWorkflow, {"triggerId": "t", "payload": payload}).payload == payload


@pytest.mark.parametrize("given", [5, [1], "[1]", "text", '"text"', True])
def test_no_objects(problems: Problems, given: object) -> None:
    """Anything but an object is refused as a payload."""
    assert list(problems(TriggerWorkflow, {"triggerId": "t", "payload": given})) == ["payload"]


IDS = ("customerId", "planId", "resourceId", "payingCustomerId", "idempotencyKey")
NO_IDS = [
    *("a  b", EMOJI, "a\x00", "a\n\x07", "\u00e9", "\u00e9a", "a" * 256, "a\u2028b"),
    *(5, 5.5, True, ["a"], {"a": 1}),
]
NO_TEXTS = ["a\x00b", "\x1b[31m", "a\x7f", "a\x85b", "\u202eemcA", "\u200b\u2060", "\u3164", "x" * 256, 5]
NO_EMAILS = [
    *("a", "a@b", "a b@c.example", "@c.example", "a@b@c.example", "a@b.c\x00", "a\u200b@b.example"),
    *("a@b.ex\xadample", "a\u202e@b.example", "\ufeffa@b.example", "a@b\u00a0.example", "a\uff20b.example"),
]
TEXTS = ["M\u00fcller & S\u00f6hne", f"Acme {EMOJI}", "two\nlines", "Acme\u200b", "\u05e9\u05dc\u05d5\u05dd\u200f"]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        *((field, given) for field in IDS for given in NO_IDS),
        *(("customerName", given) for given in NO_TEXTS),
        *(("customerEmail", given) for given in NO_EMAILS),
    ],
)
def test_no_texts(problems: Problems, field: str, given: object) -> None:
    """Ids are plain ASCII, other text has no control characters and an end, an e-mail address looks like one."""
    assert list(problems(CreateSubscription, {**BASE, field: given})) == [field]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        *(("customerId", given) for given in ("acme", "a.b-c_d|e@f", "0019000000B98de", "a" * 255)),
        *(("idempotencyKey", given) for given in ("order 17/4", "-", "k" * 255, "{a: 1}")),
        *(("customerName", given) for given in TEXTS),
    ],
)
def test_texts(field: str, given: str) -> None:
    """A customer's id is what Stigg takes, a key is any printable text, and other text is any Unicode."""
    assert subscription(**{field: given}).to_json_fields()[field] == given


@pytest.mark.parametrize(
    "given",
    ["javascript:alert(1)", "https://", "//x.example", "https://a b", "ftp://x.example", "https://x.example/\u200b"],
)
def test_no_web_address(problems: Problems, given: str) -> None:
    """A web address is an absolute one."""
    body = {**BASE, "checkoutOptions": {"successUrl": given, "cancelUrl": "https://x.example"}}

    assert list(problems(CreateSubscription, body)) == ["checkoutOptions.successUrl"]
