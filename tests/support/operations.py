"""An operation as the ledger stores it, for tests that change some of its fields."""

from stigg_actions.storage.operation import Operation, Status

STARTED = Operation(
    operation_key="provision-1",
    intent=1,
    attempt=1,
    kind="provision",
    status=Status.STARTED,
    token="t",
    fingerprint="f",
    explicit_key=False,
    org_id="00D000000000001EAA",
    request={},
    correlation_id="call-1",
    started_at=1_800_000_000,
    attempted_at=1_800_000_000,
)
