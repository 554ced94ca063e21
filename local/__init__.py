"""The whole thing on one machine, without an AWS account."""
