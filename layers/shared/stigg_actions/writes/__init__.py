"""The kinds of writes, each able to do its effect once and to find it again."""
