"""`make bench`: how fast the shop is, each figure next to a limit that was measured in the same run.

Prints a line per figure and writes var/bench.json: a list of {name, value, unit, limit, ratio}.
"""
