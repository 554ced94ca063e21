"""The currencies in which Stigg prices: a closed list of lower-case ISO 4217 codes (the SDK's ``*_params`` types)."""

_CODES = """
aed all amd ang aud awg azn bam bbd bdt bgn bif bmd bnd brl bsd bwp byn bzd cad cdf chf clp cny czk
djf dkk dop dzd egp etb eur fjd gbp gel gip gmd gnf gyd hkd hrk htg idr ils inr isk jmd jpy kes kgs
khr kmf krw kyd kzt lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mro mvr mwk mxn myr mzn nad ngn nok
npr nzd pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd sle sll sos szl thb tjs top try
ttd tzs uah ugx usd uzs vnd vuv wst xaf xcd xof xpf yer zar zmw
"""

CURRENCIES = frozenset(_CODES.split())


def of_stigg(code: str) -> str:
    """Return a currency code that Stigg knows.

    Raises:
        ValueError: it knows no such currency.
    """
    if code not in CURRENCIES:
        raise ValueError(f"is {code.upper()}, a currency in which Stigg does not price; choose another, such as USD")
    return code
