"""A till's history, read and matched: pure, from lines of text to invoices and returns."""
