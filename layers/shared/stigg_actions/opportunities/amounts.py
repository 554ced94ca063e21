"""Amounts of money in the smallest units of their currency: no bill can show less than one of them."""

from decimal import ROUND_HALF_UP, Context, Decimal

_WITHOUT_DECIMALS = frozenset(
    {"bif", "clp", "djf", "gnf", "isk", "jpy", "kmf", "krw", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}
)
"""Stigg's currencies that have no smaller unit (ISO 4217). All others that Stigg takes have hundredths."""

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Holds the product of any two numbers that a request can have."""


def decimals(currency: str) -> int:
    """Return how many decimal places an amount of a currency can have."""
    return 0 if currency in _WITHOUT_DECIMALS else 2


def is_exact(amount: Decimal, currency: str) -> bool:
    """Whether an amount has no more decimal places than its currency."""
    return amount == _rounded(amount, currency)


def total(unit_price: Decimal, quantity: Decimal, currency: str) -> Decimal:
    """Return the price of so many, rounded as an invoice is: half of a smallest unit and more goes up."""
    return _rounded(_EXACT.multiply(unit_price, quantity), currency)


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals(currency)), context=_EXACT)
