"""A deployment that rehearses each opportunity before it provisions it, and compares what is said with what is done."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from stigg_actions.deps import Container
from stigg_actions.models.provision_opportunity_result import OpportunityLineResult
from tests.support.deals import ACTION
from tests.support.harness import Harness, Reply
from tests.support.renewals import everything

READS = {"GET"}
SAME_REFUSAL = ("errorCode", "errorMessage", "details", "retryable")


class RehearsingHarness(Harness):
    """Calls provision-opportunity with ``dryRun`` first: nothing may change, and the real call has to agree."""

    @classmethod
    def of(cls, actions: Harness) -> "RehearsingHarness":
        """Return the same deployment, rehearsing."""
        return cls(**{field.name: getattr(actions, field.name) for field in fields(actions) if field.init})

    def post(self, action: str, body: Any, container: Container | None = None) -> Reply:  # noqa: ANN401 - any JSON
        """Call an action; an opportunity is rehearsed first, unless the call brings a container of its own."""
        if action != ACTION or not isinstance(body, dict) or container is not None or "dryRun" in body:
            return super().post(action, body, container)
        day, before, calls = datetime.now(UTC).date(), everything(self), len(self.emulator.state()["calls"])
        foreseen = super().post(action, {**body, "dryRun": True}, self.container())  # so the real call's is as it was
        made = self.emulator.state()["calls"][calls:]
        after = everything(self)
        assert {call["method"] for call in made if not call["path"].endswith("/preview")} <= READS
        real = super().post(action, body, container)
        if datetime.now(UTC).date() == day:  # else it was midnight meanwhile, and what was due then has happened
            assert after == before
            agree(foreseen, real)
        return real


def agree(foreseen: Reply, real: Reply) -> None:
    """Check that a dry run and the call after it say the same of every line, or refuse with the same words."""
    assert foreseen.status == real.status, (foreseen.body, real.body)
    if real.status != 200 or not real.body["success"]:
        assert [foreseen.body.get(name) for name in SAME_REFUSAL] == [real.body.get(name) for name in SAME_REFUSAL]
        return
    assert foreseen.body["outcome"] == "dryRun"
    unpaid = {line["salesforceLineItemId"] for line in real.body["lines"] if line["outcome"] == "paymentRequired"}
    assert lines(foreseen, unpaid) == lines(real, unpaid), (foreseen.body["lines"], real.body["lines"])
    assert [line.keys() - line_keys() for line in foreseen.body["lines"]] == [set()] * len(real.body["lines"])
    same = ("customerId", "customerOutcome")
    assert [foreseen.body[name] for name in same] == [real.body[name] for name in same]
    if "contractOutcome" not in real.body and not unpaid:
        assert foreseen.body["dryRunOutcome"] == real.body["outcome"]


def lines(reply: Reply, unpaid: set[str]) -> list[tuple[Any, ...]]:
    """Return what an answer says of each line. Only the real call shows that a payment is needed first."""
    shown = ("salesforceLineItemId", "stiggType", "stiggId", "planLineItemId", "errorCode")
    return [
        (*(line.get(name) for name in shown), line["salesforceLineItemId"] in unpaid or line["outcome"])
        for line in reply.body["lines"]
    ]


def line_keys() -> set[str]:
    """Return the names of the fields of a line's result."""
    return {str(field.alias) for field in OpportunityLineResult.model_fields.values()}
