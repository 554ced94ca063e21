"""The TLS settings of clients that speak to this machine."""

import ssl
from functools import cache


@cache
def unused_tls() -> ssl.SSLContext:
    """Return what every client asks for and no loopback call uses: to make one takes longer than most calls."""
    return ssl.create_default_context()
