"""Events on the bus: what each one says, and how it is published."""
