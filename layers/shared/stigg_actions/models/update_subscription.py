"""The request of update-subscription: what Stigg's PATCH accepts, and how lists are merged."""

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
    """A price that differs from the catalog's. Stigg accepts fewer kinds for a change than for a new subscription."""

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
            raise field_problem(
                "baseCharge", "name the price to override: give baseCharge true, addonId, featureId or currencyId"
            )
        return self


class ChangedBillingInformation(BillingInformation):
    """How the billing provider invoices from now on."""

    coupon_id: StiggId | None = None
    """Coupon of the billing provider."""


class ClearedFields(Model):
    """Fields to clear. A blank cannot say so, because Salesforce sends blanks for fields that are left out."""

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
    """Fields to clear: budget, cancellationDate, minimumSpend, salesforceId."""

    @model_validator(mode="after")
    def _cleared_or_given(self) -> Self:
        twice = sorted(self.cleared().keys() & self.to_json_fields().keys())
        if twice:
            raise field_problem(
                "clearFields", f"names {', '.join(twice)}, which the request gives too; name each in only one place"
            )
        return self

    def cleared(self) -> dict[str, None]:
        """Return the fields to clear, each with the None that Stigg's PATCH expects."""
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
    """Price overrides to remove: id of the add-on, feature or credit currency (addonId/featureId if it names both), or
    baseCharge for the plan's."""

    def removed(self) -> dict[str, frozenset[str]]:
        """Return the items to remove from each list, by the list's name in Stigg."""
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
    """merge (the default): items that a list does not name stay as they are. replace: a list that is given replaces the
    present list, and items that it does not name are removed."""
    dry_run: Flag = False
    """True: report what would be done, when it takes effect, the price and the blockers; change nothing."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.given() and not any(self.removed().values()) and self.billing_cycle_anchor != "NOW":
            named = "subscriptionId" if self.subscription_id else "salesforceRecordId"
            raise field_problem(named, "is the only field; give at least one field to change")
        for field in ("charges", "entitlements", "priceOverrides"):  # merged by name, whatever their type
            refuse_duplicates(field, [("", item_name(field, item)) for item in self.given().get(field, ())])
        for field, problem in contradictions(self.mode, self.removed(), self.given()):
            raise field_problem(field, problem)
        return self

    def given(self) -> dict[str, Any]:
        """Return the fields to change, as Stigg's PATCH /api/v1/subscriptions/{id} names them; None clears a field."""
        body = self.to_json_fields(include=_AMENDABLE)
        if self.addons:
            body["addons"] = [addon.to_json_fields() for addon in merge_addons(self.addons)]
        if self.plan_base_charge_override:
            override = {"baseCharge": True, **self.plan_base_charge_override.to_json_fields()}
            body["priceOverrides"] = [override, *body.get("priceOverrides", ())]
        return {**body, **self.cleared()}

    def modifiers(self) -> dict[str, Any]:
        """Return how the change is made: when, whether payment is awaited, and whether a billing cycle starts."""
        return self.to_json_fields(include=_MODIFIERS)

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the request. The order of lists does not matter."""
        return in_any_order(super().canonical())


def contradictions(
    mode: str, removed: Mapping[str, frozenset[str]], given: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Return the items to remove that contradict the mode or a given list, as field and problem."""
    for field, names in removed.items():
        remove = f"remove{field[0].upper()}{field[1:]}"
        if names and mode == "replace":
            yield remove, "is only for mode merge; with replace, items that a list does not name are removed"
        both = sorted(names & {item_name(field, item) for item in given.get(field, ())})
        if both:
            yield remove, f"names {', '.join(both)}, which {field} gives too; name each item in only one of them"


def item_name(field: str, item: Mapping[str, Any]) -> str:
    """Return the name by which an item of a list is removed."""
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
