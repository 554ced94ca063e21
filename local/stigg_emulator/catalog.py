"""The product catalog: plans, add-ons, features, credit currencies, coupons and workflows, read from a JSON file.

Prices are whole currency units, by billing period and currency: `{"MONTHLY": {"usd": 49}}`.
"""

import json
from copy import replace
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from local.stigg_emulator.errors import Refusal

type Json = dict[str, Any]
type Prices = dict[str, dict[str, Decimal]]

DEFAULT_PATH = Path(__file__).parent.parent / "catalog.json"


@dataclass(frozen=True)
class Product:
    """What plans belong to; a customer may hold several subscriptions of it, told apart by resource id."""

    id: str
    several_per_customer: bool


@dataclass(frozen=True)
class Plan:
    """A plan; `pricing_type` is FREE, PAID or CUSTOM."""

    id: str
    name: str
    product: Product
    pricing_type: str
    prices: Prices
    addon_ids: frozenset[str]
    entitlements: tuple[Json, ...]
    version: int = 1

    @property
    def rank(self) -> Decimal:
        """The monthly base charge, by which a change is an upgrade or a downgrade; custom plans rank highest."""
        return Decimal("Infinity") if self.pricing_type == "CUSTOM" else price(self.prices, "MONTHLY", "usd")


@dataclass(frozen=True)
class Addon:
    """An add-on: priced per unit, up to a largest quantity."""

    id: str
    name: str
    max_quantity: int
    prices: Prices


@dataclass(frozen=True)
class Catalog:
    """Everything a customer can be sold, by id. Features, currencies and coupons stay plain JSON objects."""

    plans: dict[str, Plan]
    addons: dict[str, Addon]
    features: dict[str, Json]
    credit_currencies: dict[str, Json]
    coupons: dict[str, Json]
    workflows: dict[str, Json] = field(default_factory=dict)

    def plan(self, plan_id: str) -> Plan:
        """Find a plan, or refuse as Stigg does."""
        if plan_id not in self.plans:
            raise Refusal("PlanNotFound", f"Plan not found: {plan_id}")
        return self.plans[plan_id]

    def with_new_version(self, plan_id: str, prices: Json) -> "Catalog":
        """Return the catalog with a new version of a plan; prices that are not given are those of the last one."""
        last = self.plan(plan_id)
        newest = replace(last, version=last.version + 1, prices=last.prices | read_prices(prices))
        return replace(self, plans=self.plans | {plan_id: newest})


def price(prices: Prices, period: str, currency: str) -> Decimal:
    """Find a price; a currency without a price falls back to dollars, an unpriced thing costs nothing."""
    amounts = prices.get(period, {})
    return amounts.get(currency, amounts.get("usd", Decimal()))


def load(path: Path) -> Catalog:
    """Read a catalog file."""
    source = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    products = {item["id"]: Product(item["id"], item["severalPerCustomer"]) for item in source["products"]}
    return Catalog(
        plans={item["id"]: _plan(item, products) for item in source["plans"]},
        addons={item["id"]: _addon(item) for item in source["addons"]},
        features=_by_id(source["features"]),
        credit_currencies=_by_id(source["creditCurrencies"]),
        coupons=_by_id(source["coupons"]),
        workflows=_by_id(source["workflows"]),
    )


def _plan(item: Json, products: dict[str, Product]) -> Plan:
    return Plan(
        id=item["id"],
        name=item["displayName"],
        product=products[item["productId"]],
        pricing_type=item["pricingType"],
        prices=read_prices(item["prices"]),
        addon_ids=frozenset(item["addons"]),
        entitlements=tuple(item["entitlements"]),
    )


def _addon(item: Json) -> Addon:
    return Addon(item["id"], item["displayName"], item["maxQuantity"], read_prices(item["prices"]))


def read_prices(source: Json) -> Prices:
    """Read prices by billing period and currency."""
    return {
        period: {currency: Decimal(str(amount)) for currency, amount in amounts.items()}
        for period, amounts in source.items()
    }


def _by_id(items: list[Json]) -> dict[str, Json]:
    return {item["id"]: item for item in items}
