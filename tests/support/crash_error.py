"""The end of a process, for tests that kill one."""


class CrashError(BaseException):
    """What ends a call as a kill would: nothing in the product catches it."""
