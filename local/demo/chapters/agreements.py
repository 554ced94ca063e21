"""A contract bundles custom-priced subscriptions, is changed, and ends with them."""

from local.demo.steps import Call, Chapter

_SUITE, _SPACE = "record 00k5g00000LnHhHAAV", "record 00k5g00000LnIiIAAV"
_OLD_APP, _OLD_SPACE = "record 00k5g00000WnAAAAA3", "record 00k5g00000WnBBBAA3"
"""The lines of the opportunity whose subscriptions have expired."""
_CUSTOMER = "customer 0015g00000WiDgEAAV"

CHAPTER = Chapter(
    "A Stigg contract",
    (
        Call(
            text="A Salesforce contract is signed. One call creates the Stigg contract with two custom-priced "
            "subscriptions, all or nothing.",
            file="provision_contract/api.new",
            answer={"success": True, "outcome": "created", "state": "ACTIVE", "billed": True},
            stigg_calls=6,
            stigg=(
                "+ contract Widget Corporation 2101 with 2 x subscription: ACTIVE",
                "+ subscription plan-enterprise + addon-seats x 100: ACTIVE",
                "+ subscription plan-workspace: ACTIVE",
            ),
            dynamodb=(
                f"- {_OLD_APP} has plan-growth, ACTIVE",
                f"- {_OLD_SPACE} has plan-workspace, ACTIVE",
                "+ operation contract, attempt 1: SUCCEEDED",
                f"+ {_SUITE} has plan-enterprise, ACTIVE",
                f"+ {_SUITE} was created",
                f"+ {_SPACE} has plan-workspace, ACTIVE",
                f"+ {_SPACE} was created",
                f"+ {_OLD_APP} has none",
                f"+ {_OLD_APP} was closed",
                f"+ {_OLD_SPACE} has none",
                f"+ {_OLD_SPACE} was closed",
            ),
        ),
        Call(
            text="The purchase order arrives, and the workspace leaves the contract. Its subscription stays active.",
            file="provision_contract/api.without-one",
            answer={"success": True, "outcome": "updated", "poNumber": "PO-4711"},
            stigg_calls=4,
            stigg=(
                "- contract Widget Corporation 2101 with 2 x subscription: ACTIVE",
                "+ contract PO-4711 with 1 x subscription: ACTIVE",
            ),
            dynamodb=("+ operation contract, attempt 1: SUCCEEDED",),
        ),
        Call(
            text="The contract is terminated. The request allows that Stigg cancels the subscription that is on it.",
            file="archive_contract/api.with-subscriptions",
            answer={"success": True, "outcome": "archived", "state": "CANCELED"},
            stigg_calls=5,
            stigg=(
                "- contract PO-4711 with 1 x subscription: ACTIVE",
                "- subscription plan-enterprise + addon-seats x 100: ACTIVE",
                "+ contract PO-4711 with 1 x subscription: CANCELED",
                "+ subscription plan-enterprise + addon-seats x 100: CANCELED",
            ),
            dynamodb=(
                f"- {_CUSTOMER}: 1 live",
                f"- {_SUITE} has plan-enterprise, ACTIVE",
                f"+ {_CUSTOMER}: 0 live",
                "+ operation close, attempt 1: SUCCEEDED",
                f"+ {_SUITE} has plan-enterprise, CANCELED",
                f"+ {_SUITE} was canceled",
            ),
        ),
    ),
)
