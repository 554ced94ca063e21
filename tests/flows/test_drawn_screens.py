"""The drawings of the screens: all of them, with what the actions answered, as the guide shows them."""

from collections.abc import Callable
from typing import Any

from local.salesforce_org.drawing import page
from local.salesforce_org.org import Org
from local.salesforce_org.pictures import PICTURES, visits
from local.salesforce_org.selling import PROJECT
from local.stack.template import ROOT
from scripts.salesforce_checks.metadata import text

FOLDER = ROOT / "docs/images/salesforce"
GUIDE = (ROOT / "docs/salesforce-selling.md").read_text()
LARGEST = 100_000  # bytes of a picture

type Answer = dict[str, Any]


def of_customer(answer: Answer) -> list[str]:
    """What the screen of a customer shows of its answer."""
    limited = [item for item in answer["entitlements"] if item.get("limit")]
    return [
        answer["customer"]["name"],
        *[plan["planId"] for plan in answer["subscriptions"]],
        *[f"<b>{item['name']}</b>: {item['usage']} of {item['limit']} used" for item in limited],
        *[f"{credit['balance']} left, {credit['used']} of {credit['granted']} used" for credit in answer["credits"]],
        *[f"{invoice['amountDue']} {invoice['currency'].upper()}" for invoice in answer["openInvoices"]],
        "■■■■■■□□□□",
    ]


def of_subscription(answer: Answer) -> list[str]:
    """What the screen of a subscription shows of its answer."""
    scheduled = answer["subscription"]["scheduledChanges"]
    return [
        answer["subscriptionId"],
        f"Ends on {answer['subscription']['cancellationDate'][:10]}",
        *[f"{change['takesEffectAt'][:10]}: Billing period" for change in scheduled],
        *[line["at"][:10] for line in answer["history"]],
    ]


def of_preview(answer: Answer) -> list[str]:
    """What the preview of a deal shows of its answer."""
    failed = [line for line in answer["lines"] if line["outcome"] == "failed"]
    totals = [f"{total['recurringTotal']:g} {total['currency'].upper()}" for total in answer["totals"]]
    assert failed
    return [*[line["stiggId"] for line in answer["lines"]], *[line["message"] for line in failed], *totals]


SHOWN: dict[str, Callable[[Answer], list[str]]] = {
    "preview-deal": of_preview,
    "customer": of_customer,
    "subscription": of_subscription,
    "cancel": lambda answer: [f"ends on {answer['dryRunResult']['takesEffectAt'][:10]}", "End: "],
    "grant-access": lambda _: [
        "<option>Product feature-api-calls</option>",
        "checked> 1 month</label>",
        "<abbr>*</abbr>",
    ],
    "try-again": lambda _: ["<b>plan-grwth</b>: Failed<br>PLAN_NOT_FOUND: "],
    "outage": lambda _: ["403: ACCESS_DENIED: The AWS user lacks the policy.", "What to do"],
}


def test_drawings_show_the_answers(org: Org) -> None:
    """Each drawing has the header, the fields and the buttons of its screen, and in them what the action answered."""
    missing: list[str] = []
    for name, visit in visits(org):
        drawn = page(visit, "")
        _, _, answer = org.answers.calls[-1]
        texts = [field.html for field in visit.fields if field.kind == "DisplayText"]
        expected = [visit.title, *[f"<button>{one}</button>" for one in visit.buttons], *texts, *SHOWN[name](answer)]
        missing += [f"{name}: {one}" for one in expected if one not in drawn]

    assert missing == []


def test_every_screen_is_drawn(org: Org) -> None:
    """A picture shows the first screen of every quick action, in the guide, and none is large or left over."""
    drawn = {visit.interview.flow.name for _, visit in visits(org)}

    assert drawn == {text(action.root, "flowDefinition") for action in PROJECT.of("QuickAction")}
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(PICTURES)
    assert [path.name for path in FOLDER.iterdir() if path.stat().st_size > LARGEST] == []
    assert [name for name in PICTURES if f"](images/salesforce/{name}.png)" not in GUIDE] == []
