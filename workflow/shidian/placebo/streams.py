"""The random stream of a draw: NumPy's PCG64 seeded with ``SeedSequence(seed, spawn_key=(d,))``, for many d at once.

Making one ``numpy.random.Generator`` a draw costs more than estimating the draw, so the two published algorithms
are computed here for a block of draws: the entropy mixing of SeedSequence (O'Neill's seed_seq as in NumPy's
``bit_generator.pyx``) and PCG64 XSL-RR (O'Neill 2014). The words are NumPy's own, bit for bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

from shidian.errors import EstimationError
from shidian.messages import say

MAX_DRAW = 2**32 - 1
_INIT_A, _MULT_A = 0x43B0D7E5, 0x931E8875
_INIT_B, _MULT_B = 0x8B51F9DD, 0x58F38DED
_MIX_L, _MIX_R = 0xCA01F9DD, np.uint32(0x4973F715)
_POOL_CALLS = 16  # hashes that SeedSequence spends on its pool of four words before it reaches the spawn key
_SHIFT = np.uint32(16)


def stream_states(seed: int, first: int, last: int) -> np.ndarray:
    """Return the (last - first + 1, 4) uint64 words with which NumPy seeds PCG64 for draws first..last.

    Equal to ``SeedSequence(seed, spawn_key=(d,)).generate_state(4, np.uint64)`` for each d.
    Raises EstimationError for a seed or a draw number outside what the mixing covers.
    """
    if not 0 <= seed < 2**128:
        raise EstimationError(
            say("the seed of a placebo test is a whole number from 0 to 2^128 - 1, not {seed}", seed=seed)
        )
    if not 0 <= first <= last <= MAX_DRAW:
        raise EstimationError(
            say(
                "draws are numbered from 0 to {most}; asked for {first} to {last}",
                most=MAX_DRAW,
                first=first,
                last=last,
            )
        )
    draws = np.arange(first, last + 1, dtype=np.uint64).astype(np.uint32)
    constant = _INIT_A * pow(_MULT_A, _POOL_CALLS, 2**32) % 2**32
    pool = []
    for word in np.random.SeedSequence(seed).pool:
        hashed, constant = _hash(draws, constant, _MULT_A)
        mixed = np.uint32(_MIX_L * int(word) % 2**32) - _MIX_R * hashed
        pool.append(mixed ^ (mixed >> _SHIFT))
    words = np.empty((len(draws), 8), dtype=np.uint32)
    constant = _INIT_B
    for j in range(8):
        words[:, j], constant = _hash(pool[j % 4], constant, _MULT_B)
    return words[:, 0::2].astype(np.uint64) | words[:, 1::2].astype(np.uint64) << np.uint64(32)


def _hash(value: np.ndarray, constant: int, multiplier: int) -> tuple[np.ndarray, int]:
    """One step of the hash of SeedSequence: the hashed words and the next constant."""
    following = constant * multiplier % 2**32
    hashed = (value ^ np.uint32(constant)) * np.uint32(following)
    return hashed ^ (hashed >> _SHIFT), following


@njit(cache=True, inline="always")
def _multiply_high(a, b):  # type: ignore[no-untyped-def]
    """High 64 bits of the product of two unsigned 64-bit numbers."""
    low = uint64(0xFFFFFFFF)
    a_low, a_high, b_low, b_high = a & low, a >> uint64(32), b & low, b >> uint64(32)
    cross = (a_low * b_low >> uint64(32)) + (a_high * b_low & low) + a_low * b_high
    return a_high * b_high + (a_high * b_low >> uint64(32)) + (cross >> uint64(32))


@njit(cache=True)
def _step(state):  # type: ignore[no-untyped-def]
    """Advance the 128-bit congruential generator in ``state`` = (high, low, increment high, increment low)."""
    m_high, m_low = uint64(0x2360ED051FC65DA4), uint64(0x4385DF649FCCF645)
    high, low = state[0], state[1]
    high = _multiply_high(low, m_low) + high * m_low + low * m_high
    low = low * m_low
    new_low = low + state[3]
    state[0] = high + state[2] + uint64(new_low < low)
    state[1] = new_low


@njit(cache=True)
def seed_stream(words, state):  # type: ignore[no-untyped-def]
    """Fill ``state`` (4 uint64) with the generator that NumPy's PCG64 makes of four seed words."""
    state[2] = words[2] << uint64(1) | words[3] >> uint64(63)
    state[3] = words[3] << uint64(1) | uint64(1)
    state[0] = uint64(0)
    state[1] = uint64(0)
    _step(state)
    low = state[1] + words[1]
    state[0] = state[0] + words[0] + uint64(low < state[1])
    state[1] = low
    _step(state)


@njit(cache=True)
def next_word(state):  # type: ignore[no-untyped-def]
    """Return the next 64 random bits of the stream: what ``PCG64.random_raw`` returns."""
    _step(state)
    mixed = state[0] ^ state[1]
    rotation = state[0] >> uint64(58)
    return mixed >> rotation | mixed << ((uint64(64) - rotation) & uint64(63))


@njit(cache=True)
def below(state, bound):  # type: ignore[no-untyped-def]
    """Return a whole number uniform on 0..bound-1, without bias (Lemire 2019, on the high 32 bits of each word)."""
    size = uint64(bound)
    threshold = (uint64(4294967296) - size) % size
    while True:
        product = (next_word(state) >> uint64(32)) * size
        if product & uint64(0xFFFFFFFF) >= threshold:
            return product >> uint64(32)
