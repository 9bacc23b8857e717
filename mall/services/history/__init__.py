"""Loads a till's history: set-based, in waves that can be killed and resumed."""
