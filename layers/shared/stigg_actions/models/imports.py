"""The fields that both imports from billing have."""

from stigg_actions.models.base import Model
from stigg_actions.models.values import Flag, StiggId, Text


class ImportFields(Model):
    """How something that exists in billing is imported into Stigg."""

    payment_method_id: Text | None = None
    """Id of the customer's payment method at the billing provider. A new customer has it as its default one."""
    integration_id: StiggId | None = None
    """Stigg id of the billing integration that the billing ids belong to. Left out: that of the environment."""
    dry_run: Flag = False
    """True: show what would be imported; change nothing."""
