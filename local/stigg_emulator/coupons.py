"""The coupon of a subscription: what may be applied, and how it is shown. An applied coupon counts its own months."""

from datetime import datetime

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Catalog, Json
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.records import Subscription

SOURCES = ("couponId", "billingCouponId", "discount", "promotionCode")


def check_coupon(catalog: Catalog, applied: Json) -> None:
    """Refuse a coupon that does not exist, several at once, and a discount that is none."""
    if sum(applied.get(source) is not None for source in SOURCES) > 1:
        raise bad_input(f"appliedCoupon must have one of {', '.join(SOURCES)}")
    if "couponId" in applied and applied["couponId"] not in catalog.coupons:
        raise Refusal("CouponNotFound", f"Coupon not found: {applied['couponId']}")
    if applied.get("promotionCode"):
        raise Refusal("PromotionCodeNotFound", f"Promotion code not found: {applied['promotionCode']}")
    if "discount" in applied:
        _check_discount(applied["discount"])


def applied_at(applied: Json, moment: datetime) -> datetime | None:
    """Tell from when a coupon that is applied at a moment counts; None without one."""
    start = applied.get("configuration", {}).get("startDate")
    return (clock.read_optional(start) or moment) if applied else None


def shown_coupons(catalog: Catalog, subscription: Subscription, now: datetime) -> list[Json]:
    """Show the coupon of a subscription: ACTIVE until its months are over, then EXPIRED."""
    applied = subscription.sent.get("appliedCoupon") or {}
    discount = applied.get("discount") or catalog.coupons.get(applied.get("couponId", ""))
    if discount is None:
        return []
    months, since = discount.get("durationInMonths"), subscription.coupon_since
    is_over = months is not None and since is not None and clock.add_months(since, int(months)) <= now
    return [
        {
            "id": applied.get("couponId") or f"coupon-of-{subscription.id}",
            "name": discount.get("name", "Discount"),
            "status": "EXPIRED" if is_over else "ACTIVE",
            "percentOff": discount.get("percentOff"),
            "amountsOff": discount.get("amountsOff") or [],
        }
    ]


def _check_discount(discount: Json) -> None:
    percent, amounts = discount.get("percentOff"), discount.get("amountsOff")
    if (percent is None) == (not amounts):
        raise bad_input("appliedCoupon.discount must have either percentOff or amountsOff")
    if percent is not None and not 0 < percent <= 100:
        raise bad_input("appliedCoupon.discount.percentOff must be more than 0, and at most 100")
    if any(amount["amount"] <= 0 for amount in amounts or ()):
        raise bad_input("appliedCoupon.discount.amountsOff must have amounts above 0")
    if discount.get("durationInMonths", 1) < 1:
        raise bad_input("appliedCoupon.discount.durationInMonths must be at least 1")
