"""Points that come from another system, a file at a time."""
