"""Sounds whose features are known beforehand."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def tone():
    """Return a function that makes a sine of amplitude 1."""

    def make(frequency, *, rate=16000, seconds=1.0):
        time = np.arange(round(seconds * rate)) / rate
        return np.sin(2 * np.pi * frequency * time).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def noise():
    """Return a second of white noise at 16 kHz."""
    samples = 0.1 * np.random.default_rng(0).normal(size=16000).astype(np.float32)
    samples.flags.writeable = False
    return samples
