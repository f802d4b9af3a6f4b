"""The block-wise streams are NumPy's own, bit for bit."""

import numpy as np
import pytest
from shidian.errors import EstimationError
from shidian.placebo.streams import below, next_word, seed_stream, stream_states


def numpy_stream(seed: int, draw: int) -> np.random.PCG64:
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(draw,)))


@pytest.mark.parametrize("seed", [0, 1, 20240601, 2**31, 2**32, 2**64 + 5, 2**128 - 1])
@pytest.mark.parametrize("first", [0, 777, 2**31 - 2, 2**32 - 4])
def test_states_and_words_are_those_of_numpy(seed: int, first: int) -> None:
    states = stream_states(seed, first, first + 3)
    state = np.empty(4, dtype=np.uint64)
    for j in range(4):
        sequence = np.random.SeedSequence(seed, spawn_key=(first + j,))
        assert (states[j] == sequence.generate_state(4, np.uint64)).all()
        seed_stream(states[j], state)
        assert [next_word(state) for _ in range(50)] == numpy_stream(seed, first + j).random_raw(50).tolist()


def test_bounded_numbers_follow_lemire_on_the_high_words() -> None:
    """Against the same rule in Python integers, with a bound that rejects almost half of the words."""
    bound = 2**31 + 1
    words = iter(numpy_stream(5, 0).random_raw(200).tolist())
    want = []
    while len(want) < 50:
        product = (next(words) >> 32) * bound
        if product % 2**32 >= 2**32 % bound:
            want.append(product >> 32)
    state = np.empty(4, dtype=np.uint64)
    seed_stream(stream_states(5, 0, 0)[0], state)
    assert [below(state, bound) for _ in range(50)] == want


def test_bounded_numbers_are_uniform() -> None:
    state = np.empty(4, dtype=np.uint64)
    seed_stream(stream_states(9, 3, 3)[0], state)
    counts = np.bincount([below(state, 7) for _ in range(70_000)], minlength=7)
    chi_square = ((counts - 10_000) ** 2 / 10_000).sum()
    assert chi_square < 22.5  # 99.9% point of chi-square with 6 degrees of freedom


@pytest.mark.parametrize(("seed", "first", "last"), [(-1, 0, 1), (2**128, 0, 1), (1, -1, 0), (1, 0, 2**32), (1, 3, 2)])
def test_seeds_and_draws_outside_the_streams_are_refused(seed: int, first: int, last: int) -> None:
    with pytest.raises(EstimationError, match="from 0 to"):
        stream_states(seed, first, last)
