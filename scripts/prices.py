"""The list prices of AWS: US dollars in REGION, without free tiers, each with the date at which it held."""

from dataclasses import dataclass
from decimal import Decimal

REGION = "us-east-1"


@dataclass(frozen=True)
class Price:
    """A list price. ``unit`` is what it buys; a price of usage is that of a million."""

    dollars: Decimal
    unit: str
    service: str
    page: str
    as_of: str

    @property
    def source(self) -> str:
        """The page with the price, and the date at which it held, as Markdown."""
        return f"[{self.service}](https://aws.amazon.com/{self.page}/), {self.as_of}"


def _price(dollars: str, unit: str, service: str, page: str, as_of: str) -> Price:
    return Price(Decimal(dollars), unit, service, page, as_of)


API_CALL = _price(
    "3.50",
    "a million calls of a REST API (the first 333 million of a month)",
    "API Gateway",
    "api-gateway/pricing",
    "December 2025",
)
INVOCATION = _price("0.20", "a million invocations", "Lambda", "lambda/pricing", "December 2025")
GIGABYTE_SECOND = _price("13.3334", "a million GB-seconds on arm64", "Lambda", "lambda/pricing", "December 2025")
SNAPSHOT = _price("1.5046", "a million GB-seconds that a snapshot is kept", "Lambda", "lambda/pricing", "February 2026")
RESTORED = _price("139.7998", "a million GB restored from a snapshot", "Lambda", "lambda/pricing", "February 2026")
READ_UNIT = _price(
    "0.125", "a million read request units, on demand", "DynamoDB", "dynamodb/pricing/on-demand", "since November 2024"
)
WRITE_UNIT = _price(
    "0.625", "a million write request units, on demand", "DynamoDB", "dynamodb/pricing/on-demand", "since November 2024"
)
STORED = _price("0.25", "a GB in tables, a month", "DynamoDB", "dynamodb/pricing/on-demand", "since November 2024")
RECOVERABLE = _price(
    "0.20", "point-in-time recovery of a GB, a month", "DynamoDB", "dynamodb/pricing/on-demand", "since November 2024"
)
LOGGED_GIGABYTE = _price("0.50", "a GB of logs", "CloudWatch", "cloudwatch/pricing", "February 2026")
READ_GIGABYTE = _price("0.005", "a GB of logs that a query reads", "CloudWatch", "cloudwatch/pricing", "February 2026")
METRIC = _price("0.30", "a metric with a value, a month", "CloudWatch", "cloudwatch/pricing", "February 2026")
ALARM = _price("0.10", "an alarm, a month", "CloudWatch", "cloudwatch/pricing", "February 2026")
DASHBOARD = _price("3.00", "a dashboard, a month", "CloudWatch", "cloudwatch/pricing", "February 2026")
TRACE = _price("5.00", "a million traces", "X-Ray", "xray/pricing", "February 2026")
SECRET = _price("0.40", "a secret, a month", "Secrets Manager", "secrets-manager/pricing", "2025")
KEY = _price("1.00", "a KMS key, a month", "KMS", "kms/pricing", "March 2026")
KEY_USE = _price("3.00", "a million uses of a KMS key", "KMS", "kms/pricing", "March 2026")
FIFO_REQUEST = _price("0.50", "a million requests to a FIFO queue", "SQS", "sqs/pricing", "March 2026")
QUEUE_REQUEST = _price("0.40", "a million requests to a standard queue", "SQS", "sqs/pricing", "March 2026")
EVENT = _price("1.00", "a million events on a custom bus", "EventBridge", "eventbridge/pricing", "March 2026")
PIPE_REQUEST = _price("0.40", "a million requests of a pipe", "EventBridge", "eventbridge/pricing", "March 2026")
DESTINATION_CALL = _price(
    "0.20", "a million calls of an API destination", "EventBridge", "eventbridge/pricing", "March 2026"
)


def all_prices() -> list[Price]:
    """Return every price, in the order of this module."""
    return [value for value in globals().values() if isinstance(value, Price)]
