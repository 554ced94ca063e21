"""Fixtures that start something: the AWS stand-in and its tables."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from local.stack.ministack import Ministack, running_ministack
from tests.support.tables import Tables, fresh_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="session")
def ministack() -> Iterator[Ministack]:
    """An AWS stand-in that checks no signatures: enough for tables, one per test process."""
    with running_ministack() as server:
        yield server


@pytest.fixture(scope="session")
def dynamodb(ministack: Ministack) -> "DynamoDBClient":
    """A DynamoDB client of the stand-in."""
    return boto3.client("dynamodb", **ministack.client_settings())


@pytest.fixture
def tables(dynamodb: "DynamoDBClient") -> Iterator[Tables]:
    """Both tables, empty and this test's own."""
    with fresh_tables(dynamodb) as fresh:
        yield fresh
