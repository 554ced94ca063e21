"""Sign calls of the API with AWS Signature Version 4, as a Salesforce Named Credential does."""

from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SERVICE = "execute-api"


def signed_headers(
    url: str, body: str, *, credentials: Credentials, region: str, headers: Mapping[str, str]
) -> dict[str, str]:
    """Return the headers of a POST of JSON text: the given ones and the signature."""
    request = AWSRequest("POST", url, headers={"Content-Type": "application/json", **headers}, data=body.encode())
    SigV4Auth(credentials, SERVICE, region).add_auth(request)
    return dict(request.headers.items())
