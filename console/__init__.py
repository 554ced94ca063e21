"""The operators' command-line program. It runs on an operator's machine and is never deployed."""
