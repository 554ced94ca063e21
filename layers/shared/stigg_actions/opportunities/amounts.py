"""Amounts of money, rounded to the smallest unit of their currency."""

from decimal import ROUND_HALF_UP, Context, Decimal

_WITHOUT_DECIMALS = frozenset(
    {"bif", "clp", "djf", "gnf", "isk", "jpy", "kmf", "krw", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}
)
"""Currencies without decimal places (ISO 4217). All others that Stigg supports have two."""

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Precise enough for the product of any two numbers in a request."""


def decimals(currency: str) -> int:
    """Return how many decimal places an amount of a currency can have."""
    return 0 if currency in _WITHOUT_DECIMALS else 2


def is_exact(amount: Decimal, currency: str) -> bool:
    """Whether an amount has no more decimal places than its currency."""
    return amount == _rounded(amount, currency)


def too_many_decimals(currency: str) -> str:
    """Return the problem of an amount that is not exact."""
    return f"has more decimal places than {currency.upper()} allows ({decimals(currency) or 'none'}); round it"


def total(unit_price: Decimal, quantity: Decimal, currency: str) -> Decimal:
    """Return the total price, rounded half up as on an invoice."""
    return _rounded(_EXACT.multiply(unit_price, quantity), currency)


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals(currency)), context=_EXACT)
