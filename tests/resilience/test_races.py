"""Writes at the same moment: identical ones have one effect, different ones come in one order or the other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from local.stigg_emulator.hosting import HostedEmulator
from tests.resilience.picture import Picture, picture
from tests.resilience.scenarios import (
    ARCHIVE,
    BY_RECORD,
    CREDIT,
    CUSTOMER,
    GLOBEX,
    PROMOTION,
    SCENARIOS,
    SEATS,
    SOLD,
    SSO,
    USED,
    Request,
    Scenario,
)
from tests.resilience.stage import Stage
from tests.support.aws import AwsInProcess
from tests.support.contracts import CONTRACT, WORKSPACE, contract
from tests.support.harness import Reply, running_harness
from tests.support.promotions import promotion, revocation
from tests.support.requests import OTHER_LINE, subscription, usage
from tests.support.tables import Tables

RACERS = 8


@pytest.fixture(scope="module")
def racing(aws: AwsInProcess, made_tables: Tables, stigg_server: HostedEmulator) -> Iterator[Stage]:
    """A deployment on which a wait takes its time."""
    with running_harness(aws, made_tables, stigg_server) as harness:
        yield Stage(harness)


def at_once(stage: Stage, requests: list[Request]) -> list[Reply]:
    """Serve requests at the same moment, each in a container of its own."""
    containers = [stage.actions.container() for _ in requests]
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(
            pool.map(lambda one, container: stage.actions.post(one[0], one[1], container), requests, containers)
        )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_identical_writes_at_once(racing: Stage, scenario: Scenario) -> None:
    """Eight identical requests, with both forms of the record's id, get one answer; all is as after one of them."""
    story = racing.story(scenario)
    racing.arrange(scenario)
    long = scenario.body.get("salesforceRecordId")
    short = {**scenario.body, **({"salesforceRecordId": long[:15]} if long else {})}

    replies = at_once(racing, [(scenario.action, (scenario.body, short)[n % 2]) for n in range(RACERS)])

    assert [racing.verdict(reply, story)[1] for reply in replies] == [None] * RACERS
    assert sum(not reply.body["replayed"] for reply in replies) == 1


MORE: Request = ("update-subscription", BY_RECORD | {"addons": SEATS})
SIGN_ON: Request = ("update-subscription", BY_RECORD | {"entitlements": SSO})
CANCEL: Request = ("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})
LATER: Request = ("reschedule-cancellation", BY_RECORD | {"cancellationDate": "2099-12-31"})
TIER: Request = ("set-subscription-metadata", BY_RECORD | {"metadata": {"tier": "gold"}})
REGION: Request = ("set-subscription-metadata", BY_RECORD | {"metadata": {"region": "emea"}})
DOWN: Request = ("downgrade-subscription", BY_RECORD)
OTHER_PLAN: Request = ("create-subscription", subscription(planId="plan-starter"))
OTHER_RECORD: Request = ("create-subscription", subscription(salesforceRecordId=OTHER_LINE))
LESS_LATER: Request = ("downgrade-subscription", BY_RECORD | {"downgradeWhen": "endOfBillingPeriod"})
DROP: Request = ("cancel-scheduled-update", BY_RECORD)
NEWEST: Request = ("migrate-subscription", BY_RECORD | {"migrateWhen": "endOfBillingPeriod"})
BILLED: Request = ("create-subscription", subscription(planId="plan-starter", paymentCollectionMethod="INVOICE"))
PAY: Request = ("mark-invoice-paid", BY_RECORD)
AWAY: Request = ("transfer-subscription", BY_RECORD | {"destinationResourceId": "site-2"})
TO_GLOBEX: Request = ("delegate-subscription", BY_RECORD | {"destinationCustomerId": "cust-globex"})
OF_GLOBEX: Request = ("create-subscription", subscription(customerId="cust-globex", salesforceRecordId=OTHER_LINE))
VOID: Request = ("void-credit-grant", BY_RECORD)
HOURS: Request = ("report-usage", usage(salesforceRecordId=OTHER_LINE, value=2.5))
LONGER: Request = ("grant-promotional-entitlement", promotion(period="1 year"))
REVOKE: Request = ("revoke-promotional-entitlement", revocation())
JOIN: Request = ("provision-contract", contract(BY_RECORD))
JOIN_OTHERS: Request = ("provision-contract", contract(WORKSPACE, salesforceRecordId=None, contractId="c-2"))
LEAVE: Request = ("archive-contract", {"salesforceRecordId": CONTRACT, "cancelSubscriptions": True})
BROUGHT: Request = (
    "import-subscription",
    {
        "salesforceRecordId": OTHER_LINE,
        "customerId": "cust-acme",
        "planId": "plan-workspace",
        "resourceId": "desk",
        "billingPeriod": "MONTHLY",
        "startDate": "2020-01-01",
    },
)
BROUGHT_LATER: Request = (BROUGHT[0], BROUGHT[1] | {"endDate": "2099-12-31"})
WORKSPACE_SOLD: Request = (
    "create-subscription",
    subscription(salesforceRecordId=OTHER_LINE, planId="plan-workspace", resourceId="desk"),
)
PAIRS = [
    (MORE, CANCEL),
    (MORE, SIGN_ON),
    (MORE, LATER),
    (TIER, REGION),
    (DOWN, CANCEL),
    (DOWN, MORE),
    (OTHER_PLAN, MORE),
    (OTHER_PLAN, OTHER_RECORD),
    (OTHER_PLAN, CREDIT),
    (NEWEST, CANCEL),
    (AWAY, MORE),
    (AWAY, CANCEL),
    (AWAY, TO_GLOBEX),
    (TO_GLOBEX, MORE),
    (TO_GLOBEX, CANCEL),
    (TO_GLOBEX, OF_GLOBEX),
    (TO_GLOBEX, OTHER_PLAN),
    (CREDIT, VOID),
    (LESS_LATER, DROP),
    (USED, MORE),
    (USED, HOURS),
    (BILLED, PAY),
    (PROMOTION, LONGER),
    (PROMOTION, REVOKE),
    (ARCHIVE, OTHER_PLAN),
    (ARCHIVE, CANCEL),
    (JOIN, CANCEL),
    (JOIN, JOIN_OTHERS),
    (JOIN, LEAVE),
    (BROUGHT, BROUGHT_LATER),
    (BROUGHT, WORKSPACE_SOLD),
    (BROUGHT, ARCHIVE),
]


def one_after_the_other(stage: Stage, requests: tuple[Request, ...]) -> tuple[list[int], Picture]:
    """Return what comes of requests that are served one by one: the statuses, sorted, and the picture."""
    stage.arrange(Scenario("", "", {}, (CUSTOMER, GLOBEX, SOLD)))
    statuses = sorted(stage.actions.post(*request).status for request in requests)
    return statuses, picture(stage.actions)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " and ".join(action for action, _ in pair))
def test_different_writes_at_once(racing: Stage, pair: tuple[Request, Request]) -> None:
    """Two writes of one customer end as they would one after the other, in one order or the other: none is lost."""
    orders = [one_after_the_other(racing, order) for order in permutations(pair)]
    racing.arrange(Scenario("", "", {}, (CUSTOMER, GLOBEX, SOLD)))

    replies = at_once(racing, list(pair))

    assert (sorted(reply.status for reply in replies), picture(racing.actions)) in orders
