"""The chapters of the story. A new chapter is a module here and a line in `STORY`."""

from local.demo.chapters import (
    account,
    agreements,
    app,
    aws,
    batches,
    changes,
    contracts,
    credit,
    opportunity,
    people,
    ramps,
    renewals,
    sale,
    salesforce,
    setup,
    workflows,
)
from local.demo.steps import Chapter

STORY: tuple[Chapter, ...] = (
    setup.CHAPTER,
    account.CHAPTER,
    sale.CHAPTER,
    credit.CHAPTER,
    workflows.CHAPTER,
    renewals.CHAPTER,
    changes.CHAPTER,
    people.CHAPTER,
    aws.CHAPTER,
    app.CHAPTER,
    salesforce.CHAPTER,
    opportunity.CHAPTER,
    ramps.CHAPTER,
    contracts.CHAPTER,
    agreements.CHAPTER,
    batches.CHAPTER,
)
