"""What a subscription costs: the plan's base charge and its add-ons, overrides first, in whole currency units."""

from dataclasses import dataclass
from decimal import Decimal

from local.stigg_emulator.catalog import Catalog, Json, Plan, price


@dataclass(frozen=True)
class Line:
    """One line of an invoice; `addon_id` is empty for the plan's base charge."""

    addon_id: str | None
    description: str
    unit_price: Decimal
    quantity: int
    currency: str

    @property
    def total(self) -> Decimal:
        """Unit price times quantity."""
        return self.unit_price * self.quantity


def lines(catalog: Catalog, plan: Plan, sent: Json, currency: str) -> list[Line]:
    """List what is charged each billing period; nothing for free plans and unpriced custom ones."""
    found = [
        _base_line(plan, sent, currency),
        *(_addon_line(catalog, addon, sent, currency) for addon in _addons(sent)),
    ]
    return [line for line in found if line is not None]


def total(charged: list[Line]) -> Decimal:
    """Add the lines up."""
    return sum((line.total for line in charged), Decimal())


def number(amount: Decimal) -> float:
    """Turn an amount into a JSON number: `49`, `9.9`."""
    return int(amount) if amount == int(amount) else float(amount)


def _addons(sent: Json) -> list[Json]:
    return list(sent.get("addons") or [])


def _base_line(plan: Plan, sent: Json, currency: str) -> Line | None:
    override = _override(sent, None)
    if override is None and not plan.prices:
        return None
    unit, currency = _unit_price(override, plan.prices, sent, currency)
    return Line(None, plan.name, unit, 1, currency)


def _addon_line(catalog: Catalog, chosen: Json, sent: Json, currency: str) -> Line:
    addon = catalog.addons[chosen["id"]]
    unit, currency = _unit_price(_override(sent, addon.id), addon.prices, sent, currency)
    return Line(addon.id, addon.name, unit, int(chosen["quantity"]), currency)


def _unit_price(
    override: Json | None, prices: dict[str, dict[str, Decimal]], sent: Json, currency: str
) -> tuple[Decimal, str]:
    if override is not None and "amount" in override:
        return Decimal(str(override["amount"])), override.get("currency", currency)
    return price(prices, str(sent.get("billingPeriod") or "MONTHLY"), currency), currency


def _override(sent: Json, addon_id: str | None) -> Json | None:
    matching = (
        override
        for override in sent.get("priceOverrides") or []
        if override.get("addonId") == addon_id and not override.get("featureId") and _is_base(override)
    )
    return next(matching, None)


def _is_base(override: Json) -> bool:
    return bool(override.get("baseCharge") or override.get("addonId"))
