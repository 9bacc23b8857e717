"""Pure arithmetic of the outbox."""
