"""Random sequences of verbs, played on the kernel and on the plain Python rules: they must agree after every step."""

import os

import pytest

from config.core.errors import DomainError
from points import ledger
from points.models import Kind

from .model_machine import STEPS, WEIGHTS, play

CODES = {
    refusal.code for refusal in vars(ledger).values() if isinstance(refusal, type) and issubclass(refusal, DomainError)
}
SHARDS, SEQUENCES_PER_SHARD = 40, 560
ANSWERED_AGAIN = {"earn", "spend", "adjust", "hold", "capture", "release", "confirm", "restore", "claw_back", "merge"}


@pytest.mark.django_db
def test_kernel_and_rules_agree_after_each_of_fifty_steps_of_two_hundred_random_sequences():
    played = play(230, seed=1)
    assert STEPS >= 50
    assert played.whole >= 200
    assert played.steps >= 10_000
    assert set(played.verbs) == set(WEIGHTS) - {"again"}, "every verb has been done"
    assert set(played.refusals) == CODES, "every refusal has been met"
    assert set(played.kinds) == set(Kind.values), "every kind of entry has been booked"
    assert {verb for verb, times in played.repeated.items() if times} >= ANSWERED_AGAIN, "each has been asked again"


@pytest.mark.prove
@pytest.mark.django_db
@pytest.mark.parametrize("shard", range(SHARDS))
def test_kernel_and_rules_agree_on_twenty_thousand_random_sequences(shard):
    """In shards that can run side by side, or alone after a stop: `-k "sequences[7]"`. PROVE_SEED begins elsewhere."""
    played = play(SEQUENCES_PER_SHARD, seed=int(os.environ.get("PROVE_SEED", "1000")) + shard)
    assert played.whole * SHARDS >= 20_000
