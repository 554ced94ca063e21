"""The operators' web console: pages on loopback, over the same functions as the command-line program."""
