"""How far the comparison of all subscriptions with Stigg has come, as ``SubscriptionMappings`` holds it."""

from typing import NamedTuple

PAGES_WITHOUT_REST, SECONDS_FOR_EACH_FURTHER_PAGE, LONGEST_REST_SECONDS = 10, 30, 3_000
"""A round of so many pages may follow another at once; each further page puts off the next one by so long, up to the
longest time from the beginning of one to the beginning of the next."""


class Round(NamedTuple):
    """How far the comparison of all subscriptions with Stigg has come: pages since it began (seconds since the epoch).

    ``after``: the cursor of the next page; None: the next one is the first of a new round.
    """

    after: str | None = None
    began_at: int = 0
    pages: int = 0

    def begun(self, now: float) -> "Round":
        """Return the round to go on with: this one, or a new one if this one is complete."""
        return Round(began_at=int(now)) if self.after is None else self

    def after_page(self, following: str | None) -> "Round":
        """Return the round after one more page, with the cursor of the page that follows."""
        return Round(following, self.began_at, self.pages + 1)

    def rests(self, now: float) -> bool:
        """Whether a large account was compared so recently that another round would only cost reads."""
        seconds = (self.pages - PAGES_WITHOUT_REST) * SECONDS_FOR_EACH_FURTHER_PAGE
        return self.after is None and now < self.began_at + min(seconds, LONGEST_REST_SECONDS)
