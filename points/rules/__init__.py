"""The ledger's rules in plain Python: the executable specification that the SQL kernel is tested against."""
