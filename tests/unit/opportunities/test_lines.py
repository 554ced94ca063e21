"""The lines of an opportunity, by what becomes of them."""

from stigg_actions.errors import Problem
from stigg_actions.models.provision_opportunity import ProvisionOpportunity
from stigg_actions.opportunities.line_sorting import sort_lines
from tests.support.deals import APP, BONUS, SEATS, SPACE, addon, bonus, deal, of_app, plan, space


def test_a_deal_without_some_lines() -> None:
    """A plan that is refused takes with it what goes with it; the other lines stay, and none is lost."""
    whole = sort_lines(ProvisionOpportunity.model_validate(deal(plan(), of_app(addon()), space(), bonus())))
    why = Problem("lineItems[0].salesforceLineItemId", "is unclear")

    left = whole.without({APP: why})

    assert [part.plan.id for part in left.plans] == [SPACE]
    assert [line.id for line in left.grants] == [BONUS]
    assert [(one.line.id, one.problem.field, one.plan_line_id) for one in left.refused] == [
        (APP, why.field, None),
        (SEATS, "lineItems[1].planLineItemId", APP),
    ]
    assert left.line_ids == whole.line_ids
    assert whole.without({}) == whole
