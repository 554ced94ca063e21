"""Refuse ids that Stigg's catalog does not have, as Stigg would refuse them. A dry run needs it: prices ignore some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound, StiggReply
from stigg_actions.stigg import refusals
from stigg_actions.stigg.request import StiggRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.preview_schemas import Collection

_KINDS: Mapping[str, tuple[Collection, str]] = {
    "PLAN_NOT_FOUND": ("plans", "Plan"),
    "ADDON_NOT_FOUND": ("addons", "Addon"),
    "FEATURE_NOT_FOUND": ("features", "Feature"),
    "CREDIT_CURRENCY_NOT_FOUND": ("credits/custom-currencies", "Custom currency"),
}


def refuse_unknown(terms: Mapping[str, Any], stigg: Stigg, *, with_plan: bool = False) -> None:
    """Refuse the first id of the terms that Stigg's catalog lacks; ``with_plan``: the plan and add-ons too.

    Raises:
        NotFound: as the client raises it, with similar ids.
    """
    known: dict[str, set[str]] = {}
    for code, name in _named(terms, with_plan=with_plan):
        collection, noun = _KINDS[code]
        if code not in known:
            known[code] = {item.id for item in stigg.catalog(collection)}
        if name not in known[code]:
            raise _refusal(code, f"{noun} not found: {name}", terms, stigg)


def _named(terms: Mapping[str, Any], *, with_plan: bool) -> Iterator[tuple[str, str]]:
    if with_plan:
        yield "PLAN_NOT_FOUND", str(terms["planId"])
        for addon in terms.get("addons") or ():
            yield "ADDON_NOT_FOUND", addon["id"]
    for item in terms.get("entitlements") or ():
        yield ("FEATURE_NOT_FOUND" if item["type"] == "FEATURE" else "CREDIT_CURRENCY_NOT_FOUND"), item["id"]
    if "currencyId" in terms:
        yield "CREDIT_CURRENCY_NOT_FOUND", terms["currencyId"]


def _refusal(code: str, said: str, terms: Mapping[str, Any], stigg: Stigg) -> Exception:
    text = refusals.words(code, environment=stigg.environment, said=said, field="the id")
    refused = NotFound(code, text.sentence, remedy=text.remedy, stigg=StiggReply(message=said))
    return refusals.explained(refused, StiggRequest("POST", "/api/v1/subscriptions", terms), stigg)
