"""How a write takes effect exactly once: the port that each write implements, and the steps that every write takes."""
