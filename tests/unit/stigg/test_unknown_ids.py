"""Naming the ids of a refusal, and those that resemble them."""

from typing import Any

import pytest

from stigg_actions.errors import ActionError, NotFound, Problem, StiggReply
from stigg_actions.stigg import refusals
from stigg_actions.stigg.base_client import LONGEST_EXPLANATION_SECONDS
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.error_codes import CATALOG_CODES
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.unknown_ids import explain
from tests.support.fakes import Answer, FakeClock, ScriptedStigg, refusal
from tests.support.fixtures import Connect

ASKED = {"planId": "plan-grwth", "customerId": "acme"}
NO_PLAN = "Stigg's development environment has no plan plan-grwth."
NO_ADDON = "Stigg's development environment has no add-on addon-seets."
PLANS = ["plan-free", "plan-grace", "plan-growth", "plan-starter", "growth-plan-of-2020"]
ADDONS = ["addon-seats", "addon-support"]


def listed(*ids: str, after: str | None = None) -> Answer:
    """List what the catalog has."""
    return Answer(200, {"data": [{"id": item} for item in ids], "pagination": {"next": after}})


def explained(connect: Connect, code: str, body: dict[str, Any] | None, *answers: Answer) -> ActionError:
    """Explain a refusal of a new subscription by a catalog."""
    refused = NotFound(code, "No.", stigg=StiggReply(400, "X", "No."))
    return explain(refused, StiggRequest("POST", "/x", body), Stigg(connect(ScriptedStigg(*answers))))


def test_similar_plans(connect: Connect) -> None:
    """The three ids that are most similar are listed, the most similar one first."""
    error = explained(connect, "PLAN_NOT_FOUND", ASKED, listed(*PLANS))

    assert error.sentence == f"{NO_PLAN} Ids similar to plan-grwth: plan-growth, plan-grace, plan-free."
    assert error.remedy == "Correct planId, or publish the plan in Stigg."
    assert error.details == (Problem("planId", "is not the id of a known plan"),)
    assert (type(error), error.stigg) == (NotFound, StiggReply(400, "X", "No."))


@pytest.mark.parametrize(
    ("plan_id", "similar"),
    [("Growth", "plan-growth"), ("PLAN-GROWTH", "plan-growth, plan-grace, plan-free"), ("xyz", None)],
)
def test_similarity(connect: Connect, plan_id: str, similar: str | None) -> None:
    """Capital letters make no difference, and an id that resembles none is named alone."""
    error = explained(connect, "PLAN_NOT_FOUND", {"planId": plan_id}, listed(*PLANS))
    sentence = f"Stigg's development environment has no plan {plan_id}."

    assert error.sentence == (f"{sentence} Ids similar to {plan_id}: {similar}." if similar else sentence)


def test_all_pages(connect: Connect) -> None:
    """A long catalog is read to its end."""
    answers = listed("plan-free", after="x"), listed("plan-growth")

    assert "plan-growth" in explained(connect, "PLAN_NOT_FOUND", ASKED, *answers).sentence


@pytest.mark.parametrize("answer", [Answer(503), Answer(404), Answer(401), refusal("AccessDenied", status=403)])
def test_catalog_that_cannot_be_read(connect: Connect, answer: Answer) -> None:
    """Without the catalog the refusal goes out without similar ids."""
    error = explained(connect, "PLAN_NOT_FOUND", ASKED, answer)

    assert error.explanation == f"{NO_PLAN} Correct planId, or publish the plan in Stigg."


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"addons": [{"id": "addon-seats"}, {"id": "addon-seets"}]}, "addons"),
        ({"priceOverrides": [{"baseCharge": True}, {"addonId": "addon-seets"}]}, "priceOverrides"),
        (
            {"addons": [{"id": "addon-seets"}], "priceOverrides": [{"addonId": "addon-seets"}]},
            "addons and priceOverrides",
        ),
    ],
)
def test_addons(connect: Connect, body: dict[str, Any], field: str) -> None:
    """Of several add-ons, the one that the catalog lacks is named, with each field that has it."""
    error = explained(connect, "ADDON_NOT_FOUND", body, listed(*ADDONS))

    assert error.sentence == f"{NO_ADDON} Ids similar to addon-seets: addon-seats, addon-support."
    assert error.remedy == f"Correct {field}, or publish the add-on in Stigg."


def test_several(connect: Connect) -> None:
    """Each unknown id has its own similar ids, up to three."""
    body = {"addons": [{"id": item} for item in ("addon-seets", "addon-suport", "x", "y")]}
    error = explained(connect, "ADDON_NOT_FOUND", body, listed(*ADDONS))

    assert error.sentence == (
        "Stigg's development environment has no add-on addon-seets and no add-on addon-suport and no add-on x. "
        "Ids similar to addon-seets: addon-seats, addon-support. "
        "Ids similar to addon-suport: addon-support, addon-seats."
    )
    assert len(error.details) == 4


@pytest.mark.parametrize("answer", [Answer(503), listed("addon-seets", "addon-seats")])
def test_which_one_is_not_known(connect: Connect, answer: Answer) -> None:
    """Where the catalog does not tell which add-on is meant, all of them are named."""
    body = {"addons": [{"id": "addon-seets"}, {"id": "addon-seats"}]}
    error = explained(connect, "ADDON_NOT_FOUND", body, answer)

    assert error.sentence.startswith(
        "Stigg's development environment lacks at least one of the add-ons addon-seets, addon-seats."
    )


@pytest.mark.parametrize(
    "body",
    [
        {"entitlements": [{"id": "cred", "type": "CREDIT"}, {"id": "feature-x", "type": "FEATURE"}]},
        {"charges": [{"id": "cred", "type": "CREDIT"}, {"id": "feature-x", "type": "FEATURE"}]},
        {"priceOverrides": [{"addonId": "cred", "featureId": None}, {"featureId": "feature-x"}]},
        {"billableFeatures": [{"featureId": "feature-x"}], "entitlements": None},
    ],
)
def test_features(connect: Connect, body: dict[str, Any]) -> None:
    """A feature is found wherever a request can name one; credits are none."""
    error = explained(connect, "FEATURE_NOT_FOUND", body, listed("feature-seats"))
    (field,) = (name for name, value in body.items() if value)

    assert error.sentence.startswith("Stigg's development environment has no feature feature-x.")
    assert [problem.field for problem in error.details] == [field]


@pytest.mark.parametrize(("code", "body"), [("PLAN_NOT_FOUND", {"a": "b"}), ("ADDON_NOT_FOUND", {"addons": []})])
def test_no_id(connect: Connect, code: str, body: dict[str, Any]) -> None:
    """A request that names no such id costs no read, and the refusal stays in Stigg's own words."""
    assert explained(connect, code, body, Answer(500)).sentence == "No."


def test_nothing_personal(connect: Connect) -> None:
    """An e-mail address is shown neither as the id that was asked for, nor among the similar ones."""
    error = explained(connect, "PLAN_NOT_FOUND", {"planId": "ann@acme.example"}, listed("bob@acme.example", *PLANS))

    assert error.sentence == "Stigg's development environment has no plan (e-mail address)."
    assert "@" not in error.message


def test_read_of_a_plan(connect: Connect) -> None:
    """A plan that is read by its id is explained, with one more read of the published plans."""
    stigg = ScriptedStigg(refusal("PlanNotFound", status=404), listed("plan-growth"))
    with pytest.raises(NotFound, match=r"has no plan plan/grwth\. Ids similar to plan/grwth: plan-growth\."):
        Stigg(connect(stigg)).get_plan("plan/grwth")

    assert stigg.calls == ["GET /api/v1/plans/plan%2Fgrwth", "GET /api/v1/plans?status=PUBLISHED&limit=100"]


def test_a_plan_that_may_be_missing(connect: Connect) -> None:
    """A plan that need not exist costs one read."""
    stigg = ScriptedStigg(refusal("PlanNotFound", status=404))

    assert Stigg(connect(stigg)).find_plan("plan-grwth") is None
    assert len(stigg.calls) == 1


def test_time(connect: Connect, clock: FakeClock) -> None:
    """A slow catalog delays a refusal by seconds."""
    stigg = ScriptedStigg(refusal("PlanNotFound"), Answer(503, headers={"retry-after": "4"}))
    before = clock.now()
    with pytest.raises(NotFound, match="PLAN_NOT_FOUND"):
        Stigg(connect(stigg)).provision_subscription(body=ASKED, idempotency_key="k")

    assert clock.now() - before <= LONGEST_EXPLANATION_SECONDS


def test_every_code() -> None:
    """Every code that a catalog can explain is explained, and has the field in its remedy."""
    assert {code for code, text in refusals.WORDS.items() if "{field}" in text.remedy} == CATALOG_CODES


def test_own_names(connect: Connect) -> None:
    """An action names the fields as its caller does; the sentence is the same."""
    error = explained(connect, "PLAN_NOT_FOUND", ASKED, listed(*PLANS))
    assert isinstance(error, NotFound)
    renamed = refusals.renamed(error, {"plan-grwth": "lineItems[1].stiggId", "other": "x"})

    assert (renamed.sentence, renamed.stigg, renamed.unknown_ids) == (error.sentence, error.stigg, ("plan-grwth",))
    assert renamed.remedy == "Correct lineItems[1].stiggId, or publish the plan in Stigg."
    assert [problem.field for problem in renamed.details] == ["lineItems[1].stiggId"]


def test_no_names() -> None:
    """A refusal without unknown ids stays as it is."""
    error = NotFound("CUSTOMER_NOT_FOUND", "No.")

    assert refusals.renamed(error, {"x": "y"}) is error
