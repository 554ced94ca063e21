"""What Stigg knows of a customer besides its subscriptions: how its items are named."""

from stigg_actions.stigg.account import Invoice


def test_ids() -> None:
    """An invoice has an id of its own name, which lists of any kind read as ``id``."""
    assert Invoice.model_validate({"invoiceId": "in-1"}).id == "in-1"
