"""How many members the bench of members has: few, and as many as BENCH_MEMBERS says (100,000)."""

import os

FEW = 10_000
MANY = int(os.environ.get("BENCH_MEMBERS", "100000"))
IN_WORDS = f"{MANY // 1000}k"
