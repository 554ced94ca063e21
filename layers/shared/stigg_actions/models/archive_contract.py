"""The request and the answer of archive-contract."""

from typing import Literal

from stigg_actions.models.contracts import ContractAnswer, ContractRequest
from stigg_actions.models.values import Flag


class ArchiveContract(ContractRequest):
    """The request of archive-contract."""

    cancel_subscriptions: Flag = False
    """True: archive the contract although it has live subscriptions. Stigg cancels them at once."""


class ArchivedContract(ContractAnswer):
    """The answer of archive-contract."""

    outcome: Literal["archived", "unchanged", "superseded"]
    """archived, unchanged (it was archived already) or superseded (skipped, because the contract was changed from newer
    data than asOf)."""
    canceled_subscription_ids: list[str] | None = None
    """Subscriptions that Stigg canceled because the contract was archived."""
