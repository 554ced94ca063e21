"""POST /subscriptions/preview: what it would cost now and from then on. Nothing changes."""

from decimal import Decimal

from local.stigg_emulator import pricing
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.clock import write
from local.stigg_emulator.periods import current_period
from local.stigg_emulator.pricing import Line, number
from local.stigg_emulator.provision import check_choice, draft
from local.stigg_emulator.records import Subscription
from local.stigg_emulator.replacement import displaced_by, running
from local.stigg_emulator.world import Call, World


def preview(world: World, call: Call) -> Json:
    """POST /subscriptions/preview: price the plan and its add-ons. Proration and tax are not modelled."""
    customer, plan = check_choice(world, call.body)
    new = draft(world, plan, call.body)
    charged = pricing.lines(world.catalog, plan, call.body, customer.currency)
    old = running(displaced_by(world, new))
    billed_now = charged if plan.pricing_type == "PAID" and not new.is_trial else []
    shared = {"currency": charged[0].currency if charged else customer.currency, "range": _range(world, new)}
    percent = _percent_off(world, call.body)
    return {
        "data": {
            "immediateInvoice": _invoice(billed_now, percent, shared),
            "recurringInvoice": _invoice(charged, percent, shared),
            "billingPeriodRange": shared["range"],
            "freeItems": [],
            "hasScheduledUpdates": any(item.future_updates for item in old),
            "isPlanDowngrade": any(plan.rank < item.plan.rank for item in old),
        },
    }


def _invoice(charged: list[Line], percent: Decimal, shared: Json) -> Json:
    sub_total = pricing.total(charged)
    discount = sub_total * percent / 100
    return {
        "subTotal": number(sub_total),
        "discount": number(discount),
        "tax": 0,
        "total": number(sub_total - discount),
        "currency": shared["currency"],
        "billingPeriodRange": shared["range"],
        "lines": [_line(line) for line in charged],
    }


def _line(line: Line) -> Json:
    return {
        "description": line.description,
        "currency": line.currency,
        "quantity": line.quantity,
        "unitPrice": number(line.unit_price),
        "subTotal": number(line.total),
    }


def _range(world: World, new: Subscription) -> Json | None:
    period = current_period(new, world.now)
    return period and {"start": write(period[0]), "end": write(period[1])}


def _percent_off(world: World, body: Json) -> Decimal:
    applied = body.get("appliedCoupon", {})
    source = applied.get("discount") or world.catalog.coupons.get(applied.get("couponId", ""), {})
    return Decimal(str(source.get("percentOff") or 0))
