"""The addresses that the pages link to. An id becomes a part of an address only in quoted form."""

from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from console.errors import BadInputError


def checked_base(address: str | None) -> str:
    """Return the address of a Salesforce organization without its path. Raises BadInputError if it is not https."""
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise BadInputError(
            f"--salesforce-url {address!r} is not an https address, such as https://acme.my.salesforce.com."
        )
    return f"https://{parts.netloc}"


class Links(NamedTuple):
    """Where Salesforce and CloudWatch are."""

    salesforce: str = ""
    dashboard: str = ""

    def salesforce_record(self, record_id: str) -> str:
        """Return the address of a record's page; an empty text if the organization's is not known."""
        return f"{self.salesforce}/{quote(record_id, safe='')}" if self.salesforce else ""


def operation(key: str) -> str:
    """Return the page of an operation."""
    return f"/operation?{urlencode({'key': key})}"


def operations(**filters: str) -> str:
    """Return the list of operations with these filters."""
    return f"/operations?{urlencode(filters)}" if filters else "/operations"


def record(record_id: str) -> str:
    """Return the page of a Salesforce record."""
    return f"/record?{urlencode({'record': record_id})}"


def subscription(subscription_id: str) -> str:
    """Return the page of a subscription's record."""
    return f"/record?{urlencode({'subscription': subscription_id})}"


def customer(customer_id: str) -> str:
    """Return the page of a customer."""
    return f"/customer?{urlencode({'customer': customer_id})}"


def run(run_id: str) -> str:
    """Return the page of a run of a file."""
    return f"/run?{urlencode({'id': run_id})}"


def batch(batch_id: str) -> str:
    """Return the page of a batch."""
    return f"/batch?{urlencode({'id': batch_id})}"


def https_only(address: object) -> str:
    """Return an address of an answer if it is safe to link to; otherwise an empty text."""
    return str(address) if str(address).startswith("https://") else ""
