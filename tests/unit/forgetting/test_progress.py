"""How far forgetting a customer has come, as its caller carries that."""

import base64
from copy import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions import decimal_json
from stigg_actions.errors import RequestInvalid
from stigg_actions.forgetting.progress import Place, place_of, token_of
from stigg_actions.models.forget_customer import ForgetCustomer
from tests.support.fakes import SETTINGS

ASKED = ForgetCustomer.model_validate({"customerId": "cust-acme"})
KEYS = st.none() | st.dictionaries(st.text(), st.dictionaries(st.sampled_from("SN"), st.text()), max_size=3)
TOKEN = token_of(Place("batches", {"pk": {"S": "one"}}), ASKED, SETTINGS)


@given(st.sampled_from(["operations", "batches"]), KEYS)
def test_there_and_back(table: str, key: dict[str, Any] | None) -> None:
    """A token leads back to the place that it was made of."""
    place = Place(table, key)

    assert place_of(token_of(place, ASKED, SETTINGS), ASKED, SETTINGS) == place


@given(st.text() | st.sampled_from([TOKEN[:length] for length in range(len(TOKEN))]))
def test_any_text(text: str) -> None:
    """Text that is no token, and a token that was cut, are refused under their field."""
    with pytest.raises(RequestInvalid) as caught:
        place_of(text, ASKED, SETTINGS)

    assert [problem.field for problem in caught.value.details] == ["nextToken"]


@pytest.mark.parametrize("content", [None, 5, [], ["operations", None], {}, {"table": "operations", "after": None}])
def test_other_content(content: object) -> None:
    """JSON that forget-customer did not write never leads into DynamoDB's keys."""
    token = base64.urlsafe_b64encode(decimal_json.dumps(content).encode()).decode()
    with pytest.raises(RequestInvalid, match="was not returned by forget-customer"):
        place_of(token, ASKED, SETTINGS)


def test_changed_content() -> None:
    """A token whose place was changed by hand is refused."""
    changed = base64.urlsafe_b64decode(TOKEN).replace(b'"one"', b'"two"')
    with pytest.raises(RequestInvalid, match="was not returned by forget-customer"):
        place_of(base64.urlsafe_b64encode(changed).decode(), ASKED, SETTINGS)


@pytest.mark.parametrize("change", [{"customerId": "cust-other"}, {"dryRun": True}])
def test_the_token_of_another_request(change: dict[str, Any]) -> None:
    """The place of another customer, or of a dry run, would pass over what has to be forgotten."""
    other = ForgetCustomer.model_validate({"customerId": "cust-acme", **change})
    with pytest.raises(RequestInvalid, match="was returned for another customerId or dryRun, or by another stack"):
        place_of(TOKEN, other, SETTINGS)


def test_the_token_of_another_stack() -> None:
    """A second stack has tables of its own."""
    with pytest.raises(RequestInvalid, match="by another stack"):
        place_of(TOKEN, ASKED, replace(SETTINGS, operations_table="others"))
