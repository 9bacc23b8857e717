"""The list of what staff did: rows that they changed, buttons that they pressed, lists that they took away."""
