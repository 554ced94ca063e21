"""The model of the random writes, in which operators merge customers, too."""

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from stigg_actions.errors import ActionError
from tests.resilience.model import COME_BACK, CUSTOMERS, LINES, LIVE, NETWORKS, Model, customers
from tests.resilience.stage import HONEST
from tests.support.network import CrashError, Network

ACTION = "merge-customers"


class MergingModel(Model):
    """Everything that the model does, and merges of one customer into the other."""

    @rule(customer_id=customers, clear=st.booleans(), network=NETWORKS)
    def merge(self, customer_id: str, network: Network, *, clear: bool) -> None:
        """Merge a customer into the other one, with its subscriptions, which may need what is in the way to end first.

        What was asked for a line before is not asked again.
        """
        (into,) = [one for one in CUSTOMERS if one != customer_id]
        if clear:
            self._end_what_is_in_the_way(customer_id, into)
        body = {"fromCustomerId": customer_id, "intoCustomerId": into, "moveSubscriptions": True}
        self.wishes = [wish for wish in self.wishes if wish.line not in LINES]
        in_doubt, self.in_doubt = self.in_doubt, True
        possible = not self._is_gone(into)
        with suppress(CrashError):
            try:
                answer = self.stage.invoke(ACTION, body, network)
            except ActionError as error:
                if error.code not in HONEST | COME_BACK and possible:
                    raise
            else:
                assert possible
                assert answer["complete"] == (self._is_gone(customer_id) and not self._runs_for(customer_id))
                self.in_doubt = in_doubt or not answer["complete"]

    def _is_gone(self, customer_id: str) -> bool:
        (found,) = [one for one in self._state()["customers"] if one["id"] == customer_id]
        return bool(found["archivedAt"])

    def _runs_for(self, customer_id: str) -> list[dict[str, Any]]:
        subscriptions = self._state()["subscriptions"]
        return [one for one in subscriptions if one["status"] in LIVE and one["customerId"] == customer_id]

    def _end_what_is_in_the_way(self, customer_id: str, into: str) -> None:
        """Cancel in the Stigg app what the customer that remains has in the places of what is to move."""
        taken = {one["resourceId"] for one in self._runs_for(customer_id)}
        for one in self._runs_for(into):
            if one["resourceId"] in taken:
                path = f"/api/v1/subscriptions/{one['id']}/cancel"
                self.actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})
