"""Reads of the ledger: plain rows for pages, sums for tiers, totals for the back office."""
