"""Requests about promotional entitlements, and what Stigg has of them."""

from typing import Any

from tests.support.harness import Harness

SSO = "feature-sso"
SEATS = "feature-seats"
GRANT, REVOKE = "grant-promotional-entitlement", "revoke-promotional-entitlement"


def promotion(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """Return a request for a month of single sign-on; None leaves a field out."""
    request = {"customerId": "cust-acme", "featureId": SSO, "period": "1 month", **changes}
    return {name: value for name, value in request.items() if value is not None}


def revocation(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """Return a request that takes single sign-on back."""
    return promotion(period=None, **changes)


def promotions(actions: Harness) -> list[dict[str, Any]]:
    """Return the promotional entitlements in Stigg."""
    found: list[dict[str, Any]] = actions.emulator.state()["promotions"]
    return found


def sent(actions: Harness) -> list[str]:
    """Return the methods of the writes about promotional entitlements that Stigg has answered."""
    return [method for method, path in actions.writes_to_stigg() if "promotional-entitlements" in path]
