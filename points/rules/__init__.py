"""The ledger's rules in plain Python: the executable specification that the SQL kernel is tested against.

The specification is `book.py` and `rows.py`. Together they stay under 300 lines of code: what is counted are the lines
that are neither blank nor comment nor docstring (tests/points/test_model_agrees.py counts them). `movements.py` is no
part of it: it tells in which column of finance's month an entry stands.
"""
