"""Name an id that Stigg does not know, of a plan, add-on, feature or credit currency, and the ids most similar to it.

It costs one more read, of Stigg's catalog, after the refusal. Imported only then.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import unquote

from stigg_actions.errors import ActionError, NotFound, Problem
from stigg_actions.stigg import refusals
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.preview_schemas import Collection
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.response import without_addresses

MOST_SIMILAR = 3
_MOST_EXPLAINED = 3


class _Place(NamedTuple):
    """A list of a request, the field of its items that holds an id, and the type that an item must have.

    ``shown`` is the field in which the caller gave the id, if it is not that list.
    """

    list: str
    field: str = "id"
    type: str | None = None
    shown: str | None = None


class _Kind(NamedTuple):
    """What an id may be of, Stigg's list of it, and where a request has such ids: in a field, and in lists."""

    noun: str
    collection: Collection
    field: str = ""
    places: tuple[_Place, ...] = ()


_KINDS = {
    "PLAN_NOT_FOUND": _Kind("plan", "plans", "planId"),
    "ADDON_NOT_FOUND": _Kind("add-on", "addons", places=(_Place("addons"), _Place("priceOverrides", "addonId"))),
    "CREDIT_CURRENCY_NOT_FOUND": _Kind(
        "credit currency",
        "credits/custom-currencies",
        "currencyId",
        (
            _Place("entitlements", type="CREDIT"),
            _Place("charges", type="CREDIT"),
            _Place("priceOverrides", "currencyId"),
        ),
    ),
    "FEATURE_NOT_FOUND": _Kind(
        "feature",
        "features",
        "featureId",
        (
            _Place("promotionalEntitlements", "featureId", shown="featureId"),
            _Place("entitlements", type="FEATURE"),
            _Place("charges", type="FEATURE"),
            _Place("priceOverrides", "featureId"),
            _Place("billableFeatures", "featureId"),
            _Place("usages", "featureId"),
        ),
    ),
}


class _Asked(NamedTuple):
    """An id that a request names, and the field that names it."""

    id: str
    field: str


def explain(refused: ActionError, request: StiggRequest, stigg: Stigg) -> ActionError:
    """Return the refusal with the unknown ids, their fields, and up to three similar ids for each.

    If Stigg's catalog cannot be read, the similar ids are missing.
    """
    kind = _KINDS[refused.code]
    asked = list(dict.fromkeys(_asked(kind, request)))
    if not asked:
        return refused
    known = _catalog(kind, stigg)
    unknown = [item for item in asked if item.id not in known]
    if not unknown:  # the catalog does not say what Stigg refused
        unknown, known = asked, frozenset()
    ids = list(dict.fromkeys(item.id for item in unknown))
    problem = f"is not the id of a known {kind.noun}"
    error = NotFound(
        refused.code,
        " ".join([_sentence(kind, ids, stigg.environment, sure=bool(known)), *_similar(ids, known)]),
        details=[Problem(item.field, problem) for item in unknown],
        stigg=refused.stigg,
    )
    error.unknown_ids = tuple(item.id for item in unknown)
    return refusals.renamed(error, {})


def _asked(kind: _Kind, request: StiggRequest) -> Iterator[_Asked]:
    """Yield the ids of a kind in a request, and in the subscriptions that a contract is created with."""
    body = request.body or {kind.field: unquote(request.path.rpartition("/")[2])}
    yield from _in_body(kind, body)
    for position, part in enumerate(body.get("subscriptions") or ()):
        for item in _in_body(kind, part.get("newSubscription") or {}):
            yield _Asked(item.id, f"subscriptions[{position}].{item.field}")


def _in_body(kind: _Kind, body: Mapping[str, Any]) -> Iterator[_Asked]:
    if body.get(kind.field):
        yield _Asked(body[kind.field], kind.field)
    for place in kind.places:
        for item in body.get(place.list) or ():
            if item.get(place.field) and item.get("type", place.type) in {place.type, None}:
                yield _Asked(item[place.field], place.shown or place.list)


def _catalog(kind: _Kind, stigg: Stigg) -> frozenset[str]:
    """Read the ids of a kind from Stigg; none if they cannot be read."""
    try:
        return frozenset(item.id for item in stigg.catalog(kind.collection))
    except ActionError:
        return frozenset()


def _sentence(kind: _Kind, ids: list[str], environment: str, *, sure: bool) -> str:
    named = [without_addresses(unknown) for unknown in ids[:_MOST_EXPLAINED]]
    where = f"Stigg's {environment} environment"
    if sure or len(ids) == 1:
        return f"{where} has no {kind.noun} {f' and no {kind.noun} '.join(named)}."
    return f"{where} lacks at least one of the {kind.noun}s {', '.join(named)}."


def _similar(ids: list[str], known: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each id that resembles known ones; ids with an e-mail address are left out."""
    shown = {item.casefold(): item for item in sorted(known) if item == without_addresses(item)}
    for unknown in ids[:_MOST_EXPLAINED]:
        similar = get_close_matches(unknown.casefold(), shown, n=MOST_SIMILAR, cutoff=0.5)
        if similar:
            yield f"Ids similar to {without_addresses(unknown)}: {', '.join(shown[match] for match in similar)}."
