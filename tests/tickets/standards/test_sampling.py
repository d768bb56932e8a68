"""The sample of a spot check: the same for the same seed, within its bounds, and fair."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tickets.standards.checking.sampling import DoneStep, sample

DONE = st.builds(
    DoneStep,
    campus_id=st.integers(1, 4),
    occurrence=st.uuids(),
    step=st.sampled_from(("invite", "hold", "minutes")),
    turn=st.integers(1, 3),
    record_id=st.integers(1, 10**9),
)
SEED = st.text("0123456789abcdef", min_size=1, max_size=32)
STEPS = [DoneStep(1 + each % 2, UUID(int=each // 3), f"step-{each % 3}", 1, each) for each in range(60)]


@given(steps=st.lists(DONE, unique_by=lambda step: step[1:4], max_size=60), seed=SEED, size=st.integers(1, 8))
def test_the_same_seed_over_the_same_facts_gives_the_same_sample(steps: list[DoneStep], seed: str, size: int) -> None:
    drawn = sample(iter(steps), seed=seed, size=size)
    shuffled = random.Random(seed).sample(steps, len(steps))
    assert sample(shuffled, seed=seed, size=size) == drawn
    other_rows = [step._replace(record_id=step.record_id + 1) for step in steps]
    again = sample(other_rows, seed=seed, size=size)
    assert {campus: [step[:4] for step in found] for campus, found in again.items()} == {
        campus: [step[:4] for step in found] for campus, found in drawn.items()
    }, "which rows a database keeps them in has no say"


@given(steps=st.lists(DONE, unique_by=lambda step: step[1:4], max_size=60), seed=SEED, size=st.integers(1, 8))
def test_each_campus_gives_as_many_as_asked_for_or_all_it_has(steps: list[DoneStep], seed: str, size: int) -> None:
    drawn = sample(steps, seed=seed, size=size)
    there = Counter(step.campus_id for step in steps)
    assert {campus: len(found) for campus, found in drawn.items()} == {
        campus: min(size, count) for campus, count in there.items()
    }
    for campus, found in drawn.items():
        assert all(step in steps and step.campus_id == campus for step in found)
        assert len(set(found)) == len(found)


@given(steps=st.lists(DONE, unique_by=lambda step: step[1:4], max_size=40), seed=SEED, size=st.integers(1, 7))
def test_a_larger_sample_begins_with_the_smaller_one(steps: list[DoneStep], seed: str, size: int) -> None:
    small, large = sample(steps, seed=seed, size=size), sample(steps, seed=seed, size=size + 1)
    assert {campus: found[:size] for campus, found in large.items()} == small


def test_every_step_is_drawn_about_as_often_as_any_other() -> None:
    """Chi-square over 2,000 seeds: 30 steps of a campus, 5 of them drawn. The sum over the cells of (n - np)²/np, times
    (N - 1)/(N - k) since drawing is without replacement, is chi-square with 29 degrees of freedom: 58.3 at one in a
    thousand.
    """
    seeds, size = [f"seed-{each}" for each in range(2_000)], 5
    drawn = Counter(
        step.record_id for seed in seeds for found in sample(STEPS, seed=seed, size=size).values() for step in found
    )
    for campus in (1, 2):
        ours = [step.record_id for step in STEPS if step.campus_id == campus]
        expected = len(seeds) * size / len(ours)
        chi = sum((drawn[each] - expected) ** 2 / expected for each in ours) * (len(ours) - 1) / (len(ours) - size)
        assert chi < 58.3


def test_two_steps_are_drawn_together_about_as_often_as_chance_has_it() -> None:
    seeds, size = range(2_000), 5
    together = 0
    for seed in seeds:
        found = {step.record_id for step in sample(STEPS, seed=str(seed), size=size)[1]}
        together += {0, 2} <= found
    expected = len(seeds) * size * (size - 1) / (30 * 29)
    assert abs(together - expected) < 4 * expected**0.5


def test_the_order_is_the_one_that_is_written_down() -> None:
    step = DoneStep(1, UUID("0190b0f0-0000-7000-8000-000000000001"), "invite", 2, 77)
    text = "s33d\n0190b0f0-0000-7000-8000-000000000001 invite 2"
    assert step.place_by("s33d") == int(hashlib.sha256(text.encode()).hexdigest(), 16)
