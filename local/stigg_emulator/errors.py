"""How the emulator says no: an exception that becomes the error body of Stigg's API."""


class Refusal(Exception):  # noqa: N818  it is an answer, not a fault of the emulator
    """A refusal by Stigg: HTTP status, Stigg's error code and a sentence.

    A thing that is missing answers 404 when the path names it and 400 when the body does, because
    `POST /subscriptions` declares no 404.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    @property
    def body(self) -> dict[str, object]:
        """The error body of Stigg's REST API."""
        return {"message": self.message, "code": self.code}


def bad_input(message: str) -> Refusal:
    """Refuse a malformed request."""
    return Refusal("BadUserInput", message)
