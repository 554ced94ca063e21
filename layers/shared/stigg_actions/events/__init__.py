"""Build events and publish them on the event bus."""
