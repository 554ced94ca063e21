"""Amending a subscription in place: what Stigg's PATCH takes, and how lists are meant."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.billing import BillingInformation
from stigg_actions.models.charges import merge_addons, refuse_duplicates
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.terms import ChangeableTerms, ScheduleStrategy, in_any_order
from stigg_actions.models.values import Amount, CurrencyCode, EndMoment, Flag, JsonText, StiggId, Text, choice


class PriceChange(Model):
    """A price that differs from the catalog's. Stigg takes fewer kinds in place than when it provisions."""

    base_charge: Flag | None = None
    """True: the base charge of the plan, or of the add-on in addonId."""
    addon_id: StiggId | None = None
    """Add-on whose price it is."""
    feature_id: StiggId | None = None
    """Feature whose price it is."""
    currency_id: StiggId | None = None
    """Credit currency whose price it is."""
    amount: Amount
    """New price in whole currency units."""
    currency: CurrencyCode
    """Three-letter currency code of the new price."""

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if not self.base_charge and not (self.addon_id or self.feature_id or self.currency_id):
            raise field_problem("baseCharge", "say which price it is: baseCharge true, addonId, featureId, currencyId")
        return self


class ChangedBillingInformation(BillingInformation):
    """How the billing provider is to invoice from now on."""

    coupon_id: StiggId | None = None
    """Coupon of the billing provider."""


class ClearedFields(Model):
    """Fields to empty: Salesforce cannot tell an empty field from one that is left out."""

    clear_fields: Annotated[
        list[
            Annotated[
                Literal["budget", "cancellationDate", "minimumSpend", "salesforceId"],
                choice("budget", "cancellationDate", "minimumSpend", "salesforceId"),
            ]
        ]
        | None,
        JsonText,
    ] = None
    """Fields to empty: budget, cancellationDate, minimumSpend, salesforceId."""

    @model_validator(mode="after")
    def _cleared_or_given(self) -> Self:
        twice = sorted(self.cleared().keys() & self.to_json_fields().keys())
        if twice:
            raise field_problem("clearFields", f"names {', '.join(twice)}, which the request gives")
        return self

    def cleared(self) -> dict[str, None]:
        """The fields to empty, each with the None that Stigg's PATCH takes for it."""
        return dict.fromkeys(self.clear_fields or ())


class RemovedItems(Model):
    """Items to remove from lists that are merged."""

    remove_addons: Annotated[list[StiggId] | None, JsonText] = None
    """Ids of add-ons to remove."""
    remove_charges: Annotated[list[StiggId] | None, JsonText] = None
    """Ids of charges (features or credits) to remove."""
    remove_entitlements: Annotated[list[StiggId] | None, JsonText] = None
    """Ids of entitlements (features or credits) to remove."""
    remove_price_overrides: Annotated[list[Text] | None, JsonText] = None
    """Overrides to remove: id of the add-on, feature or credit currency (addonId/featureId where it names both);
    baseCharge for the plan's."""

    def removed(self) -> dict[str, frozenset[str]]:
        """The items to remove from each list, by the list's name in Stigg."""
        return {
            "addons": frozenset(self.remove_addons or ()),
            "charges": frozenset(self.remove_charges or ()),
            "entitlements": frozenset(self.remove_entitlements or ()),
            "priceOverrides": frozenset(self.remove_price_overrides or ()),
        }


class UpdateSubscription(SubscriptionRequest, ScheduleStrategy, ChangeableTerms, RemovedItems, ClearedFields):
    """The request of update-subscription."""

    billing_information: ChangedBillingInformation | None = None
    """How to invoice."""
    price_overrides: Annotated[list[PriceChange] | None, JsonText] = None
    """Prices that differ from the catalog's."""
    trial_end_date: EndMoment | None = None
    """Date on which the trial is to end."""
    promotion_code: Text | None = None
    """Promotion code to apply."""
    mode: Annotated[Literal["merge", "replace"], choice("merge", "replace")] = "merge"
    """merge (the default): what a list does not name stays as it is. replace: the lists that are given are the full new
    ones, and what they do not name is removed."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.given() and not any(self.removed().values()) and self.billing_cycle_anchor != "NOW":
            named = "subscriptionId" if self.subscription_id else "salesforceRecordId"
            raise field_problem(named, "is all there is; give at least one field to change")
        for field in ("charges", "entitlements", "priceOverrides"):  # merged by name, whatever their type
            refuse_duplicates(field, [("", item_name(field, item)) for item in self.given().get(field, ())])
        for field, problem in contradictions(self.mode, self.removed(), self.given()):
            raise field_problem(field, problem)
        return self

    def given(self) -> dict[str, Any]:
        """The fields to change, as Stigg's PATCH /api/v1/subscriptions/{id} names them; None empties one."""
        body = self.to_json_fields(include=_AMENDABLE)
        if self.addons:
            body["addons"] = [addon.to_json_fields() for addon in merge_addons(self.addons)]
        if self.plan_base_charge_override:
            override = {"baseCharge": True, **self.plan_base_charge_override.to_json_fields()}
            body["priceOverrides"] = [override, *body.get("priceOverrides", ())]
        return {**body, **self.cleared()}

    def modifiers(self) -> dict[str, Any]:
        """How the change is to be made: when, whether payment is awaited, whether a billing cycle starts."""
        return self.to_json_fields(include=_MODIFIERS)

    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one; in what order a list gives it does not matter."""
        return in_any_order(super().canonical())


def contradictions(
    mode: str, removed: Mapping[str, frozenset[str]], given: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Return what contradicts a list or the mode in what is to be removed: field and problem."""
    for field, names in removed.items():
        remove = f"remove{field[0].upper()}{field[1:]}"
        if names and mode == "replace":
            yield remove, "is only for mode merge; with replace, what a list does not name is removed"
        both = sorted(names & {item_name(field, item) for item in given.get(field, ())})
        if both:
            yield remove, f"names {', '.join(both)}, which {field} gives"


def item_name(field: str, item: Mapping[str, Any]) -> str:
    """Return the name by which an item of one of the lists is removed."""
    return price_name(item) if field == "priceOverrides" else str(item["id"])


def price_name(price: Mapping[str, Any]) -> str:
    """Return the name of a price override: what it prices, or baseCharge for the plan itself."""
    names = (price.get("addonId"), price.get("featureId"), price.get("currencyId"))
    return "/".join(name for name in names if name) or "baseCharge"


_MODIFIERS = {"await_payment_confirmation", "billing_cycle_anchor", "schedule_strategy"}
_AMENDABLE = set(ChangeableTerms.model_fields) - _MODIFIERS - {"plan_base_charge_override"} | {
    "price_overrides",
    "promotion_code",
    "trial_end_date",
}
