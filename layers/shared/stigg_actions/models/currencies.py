"""The currencies that Stigg accepts: a closed list of ISO 4217 codes, in lower case as in Stigg's API.

Imported only for requests that name a currency.
"""

_CODES = """
aed all amd ang aud awg azn bam bbd bdt bgn bif bmd bnd brl bsd bwp byn bzd cad cdf chf clp cny czk djf dkk dop dzd egp
etb eur fjd gbp gel gip gmd gnf gyd hkd hrk htg idr ils inr isk jmd jpy kes kgs khr kmf krw kyd kzt lbp lkr lrd lsl mad
mdl mga mkd mmk mnt mop mro mvr mwk mxn myr mzn nad ngn nok npr nzd pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr
sek sgd sle sll sos szl thb tjs top try ttd tzs uah ugx usd uzs vnd vuv wst xaf xcd xof xpf yer zar zmw
"""
CURRENCIES = frozenset(_CODES.split())


def currency(code: str) -> str:
    """Return the lower-case code of a currency that Stigg accepts.

    Raises:
        ValueError: Stigg does not accept the currency.
    """
    if code not in CURRENCIES:
        raise ValueError(
            f"is {code.upper()}, a currency that Stigg does not accept; use another one, such as USD or EUR"
        )
    return code
