"""The discount of an opportunity, or of one of its plan lines."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.values import Amount, Whole


class DiscountTerms(Model):
    """A discount in percent or in money, and how long it lasts. A discount of 0 is none, as Salesforce sends it."""

    discount_percent: Annotated[Amount | None, Field(le=100)] = None
    """Discount in percent, up to 100, of this Plan line with its add-ons, or of all plans of the opportunity. 0: no
    discount. Do not give a discount that unitPrice already contains."""
    discount_amount: Amount | None = None
    """Amount off each billing period of the plan, in the currency of the opportunity, instead of discountPercent. 0: no
    discount."""
    discount_months: Annotated[Whole | None, Field(ge=1, le=600)] = None
    """Months that the discount lasts, from startDate. Left out: the whole term. Without a term: until it is removed in
    the Stigg app."""

    @model_validator(mode="after")
    def _is_one_discount(self) -> Self:
        if self.discount_percent and self.discount_amount:
            raise field_problem("discountAmount", "cannot be combined with discountPercent; give one of them")
        if self.discount_months is not None and not self.has_discount:
            raise field_problem("discountMonths", "is only for a discount; give discountPercent or discountAmount too")
        return self

    @property
    def has_discount(self) -> bool:
        """Whether a discount is given."""
        return bool(self.discount_percent or self.discount_amount)

    @property
    def discount_field(self) -> str:
        """The field that says how large the discount is."""
        return "discountAmount" if self.discount_amount else "discountPercent"
