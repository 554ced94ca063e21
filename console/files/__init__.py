"""CSV files of requests: read in a stream, checked whole, cut into pages, answered row by row, for any action."""
