"""Writes of the ledger's room that post nothing: sums kept of entries that are there."""
