"""How a write takes effect exactly once: the interface of all writes, and the steps that they share."""
