"""Set-based verbs: many postings or many lapses in a fixed number of statements."""

from collections.abc import Sequence
from datetime import datetime

from config.core.db import fetch_one, transaction_required
from points.ledger.kernel import bigint, instant, key_text, row_of, source_text
from points.ledger.values import ExpiryReport, Posting


@transaction_required
def post_many(postings: Sequence[Posting]) -> list[int]:
    """Earn a batch as if one after the other; the entries' ids, in the postings' order. Made for chunks of thousands.

    Postings that were made before (here or by `earn`) keep their entries. One bad posting refuses the whole batch: the
    refusals of `earn`, with its `index` among the facts.
    """
    if not postings:
        return []
    (entries,) = row_of(
        "SELECT refusal, facts, entries FROM ledger_post_many(%(accounts)s::bigint[], %(points)s::bigint[],"
        " %(keys)s::text[], %(sources)s::text[], %(at)s::timestamptz[], %(expires_at)s::timestamptz[],"
        " %(reasons)s::text[], %(pending)s::boolean[])",
        {
            "accounts": [posting.account for posting in postings],
            "points": [bigint(posting.points) for posting in postings],
            "keys": [key_text(posting.key) for posting in postings],
            "sources": [source_text(posting.source) for posting in postings],
            "at": [instant(posting.at) for posting in postings],
            "expires_at": [posting.expires_at and instant(posting.expires_at) for posting in postings],
            "reasons": [source_text(posting.reason) for posting in postings],
            "pending": [bool(posting.pending) for posting in postings],
        },
    )
    return list(entries)


@transaction_required
def expire(*, at: datetime, limit: int) -> ExpiryReport:
    """Book at most `limit` lots that lapsed by `at`, soonest first. Fewer lots reported than `limit`: none is left.

    One entry per account, moment of lapse and chunk: an entry says when its lots lapsed, and an account's lots of one
    moment (a month's end) lie side by side. A chunk is the caller's transaction, so a kill repeats that chunk alone.
    """
    row = fetch_one("SELECT * FROM ledger_expire(%(at)s, %(limit)s)", {"at": instant(at), "limit": limit})
    assert row is not None, "ledger_expire returns a row"
    lots, accounts, points = row
    return ExpiryReport(lots=lots, accounts=accounts, points=points)
