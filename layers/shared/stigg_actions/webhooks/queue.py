"""The FIFO queue between a webhook and its worker: a group is a customer, and a repeated message is dropped."""

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

    def send(self, message: WebhookMessage) -> None:
        """Queue a message. It may be sent twice: the queue drops it for five minutes, and the table after that.

        Raises:
            StiggUnavailable: SQS did not accept it; Stigg delivers it again.
        """
        deduplication_id = message.key if message.identified else uuid4().hex
        for _ in range(_TRIES):
            try:
                self._client.send_message(
                    QueueUrl=self._url,
                    MessageBody=message.text,
                    MessageGroupId=message.group,
                    MessageDeduplicationId=deduplication_id,
                )
            except (BotoCoreError, ClientError):
                continue
            return
        raise StiggUnavailable("QUEUE_UNAVAILABLE", "The queue of webhooks did not accept the message. Send it again.")
