"""The queue between a webhook and what follows it (SQS, FIFO): a group is a customer, a repeat is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from stigg_actions.errors import StiggUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from stigg_actions.webhooks.message import WebhookMessage

_TRIES = 3


class WebhookQueue:
    """Sends to the queue of webhooks."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, notice: WebhookMessage) -> None:
        """Queue a message. Once more does no harm: the queue knows it for five minutes, and the table after that.

        Raises:
            StiggUnavailable: SQS does not take it; Stigg delivers it again.
        """
        once = notice.key if notice.identified else uuid4().hex
        for _ in range(_TRIES):
            try:
                self._client.send_message(
                    QueueUrl=self._url,
                    MessageBody=notice.text,
                    MessageGroupId=notice.group,
                    MessageDeduplicationId=once,
                )
            except (BotoCoreError, ClientError):
                continue
            return
        raise StiggUnavailable("QUEUE_UNAVAILABLE", "The queue of webhooks did not take the message; send it again.")
