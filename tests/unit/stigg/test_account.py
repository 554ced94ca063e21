"""What Stigg knows of a customer besides its subscriptions: how its items are named."""

from stigg_actions.stigg.account import Contract, Invoice


def test_ids() -> None:
    """Invoices and contracts have ids of their own names, which lists of any kind read as ``id``."""
    assert Invoice.model_validate({"invoiceId": "in-1"}).id == "in-1"
    assert Contract.model_validate({"contractId": "contract-1"}).id == "contract-1"
