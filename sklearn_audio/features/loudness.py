"""Loudness as broadcasting measures it.

*Conventions.* The algorithm of Recommendation ITU-R BS.1770-4, with the time scales of EBU Tech
3341 and the loudness range of EBU Tech 3342, for one channel: a sine of 1 kHz and full scale has
-3.01 LUFS. Blocks of 400 ms (momentary) and of 3 s (short-term) start every 100 ms; one that is
not complete at the end does not count. A signal shorter than 400 ms is continued by silence to
one block. What is below the absolute gate of -70 LUFS counts as -70 LUFS.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import AudioError
from ..signals import Signal
from .waveform import WaveformExtractor

_GATE = -70.0
_HOPS_PER_SECOND = 10
_MOMENTARY = 4
_SHORT_TERM = 30
# The filters of the standard, given there as coefficients at 48 kHz, as filters of any rate:
# corner in Hz, quality, and for the shelf its height in dB (B. De Man, 2018).
_SHELF = (1681.974450955533, 0.7071752369554196)
_SHELF_HEIGHT = 3.999843853973347
_HIGH_PASS = (38.13547087602444, 0.5003270373238773)


def k_weighting(rate: float) -> np.ndarray:
    """Return the filter that weights frequencies as the ear does, roughly: K-weighting.

    A shelf that raises high frequencies by 4 dB, as a head does, and a high-pass. At 48 kHz these
    are the coefficients of ITU-R BS.1770-4. For other rates the same analog filters are
    transformed (B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement",
    2018), with the same gain. At 1 kHz they differ by 0.02 dB at 22,050 Hz, and by 0.2 dB at
    8,000 Hz.

    Parameters
    ----------
    rate : float
        Of the signal, in Hz.

    Returns
    -------
    sections : ndarray of shape (2, 6), dtype float64
        Second-order sections.

    Raises
    ------
    AudioError
        For a rate below 3364 Hz, which cannot hold the shelf.

    Examples
    --------
    >>> from sklearn_audio.features.loudness import k_weighting
    >>> k_weighting(48000).round(4)
    array([[ 1.5351, -2.6917,  1.1984,  1.    , -1.6907,  0.7325],
           [ 1.    , -2.    ,  1.    ,  1.    , -1.99  ,  0.9901]])
    """
    if rate <= 2 * _SHELF[0]:
        raise AudioError(
            f"its rate is {rate:g} Hz, but loudness is about frequencies up to 1682 Hz at least. "
            "Load or resample it at 8000 Hz or more"
        )
    warped, shelf_poles = _bilinear(rate, *_SHELF)
    height = 10 ** (_SHELF_HEIGHT / 20)
    middle = height**0.4996667741545416 * warped / _SHELF[1]
    shelf = [height + middle + warped**2, 2 * (warped**2 - height), height - middle + warped**2]
    _, poles = _bilinear(rate, *_HIGH_PASS)
    # The standard leaves the gain of its high-pass at 48 kHz a little above 1.
    gain = _bilinear(48000, *_HIGH_PASS)[1][0]
    sections = np.array([[*shelf, *shelf_poles], [gain, -2 * gain, gain, *poles]])
    return sections / sections[:, 3:4]


def _bilinear(rate: float, corner: float, quality: float) -> tuple[float, list[float]]:
    """Return a corner as the bilinear transform warps it, and the denominator of its section."""
    warped = float(np.tan(np.pi * corner / rate))
    width = warped / quality
    return warped, [1 + width + warped**2, 2 * (warped**2 - 1), 1 - width + warped**2]


def k_weighted(samples: np.ndarray, rate: float) -> np.ndarray:
    """Return a signal with its frequencies weighted as the ear does, roughly.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    rate : float
        Its rate in Hz.

    Returns
    -------
    weighted : ndarray of shape (n_samples,), dtype float64
        The K-weighted signal, see `k_weighting`.

    Examples
    --------
    A constant cannot be heard:

    >>> import numpy as np
    >>> from sklearn_audio.features.loudness import k_weighted
    >>> bool(np.abs(k_weighted(np.ones(48000), 48000)[-1000:]).max() < 1e-9)
    True
    """
    from scipy.signal import sosfilt  # slow to import, and needed only here

    return sosfilt(k_weighting(rate), np.asarray(samples, dtype=np.float64))


def momentary_loudness(samples: np.ndarray, rate: float) -> np.ndarray:
    """Return the loudness of 400 ms, every 100 ms.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    rate : float
        Its rate in Hz.

    Returns
    -------
    loudness : ndarray of shape (n_blocks,), dtype float64
        In LUFS, -70 or more.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.loudness import momentary_loudness
    >>> sine = np.sin(2 * np.pi * 1000 * np.arange(48000) / 48000)
    >>> momentary_loudness(sine, 48000).round(2)
    array([-3., -3., -3., -3., -3., -3., -3.])
    """
    return np.maximum(_loudness(_block_powers(_hop_powers(samples, rate), _MOMENTARY)), _GATE)


def integrated_loudness(samples: np.ndarray, rate: float) -> float:
    """Return the loudness of a whole signal, without its pauses.

    The mean power of the blocks of 400 ms that are above -70 LUFS, and not more than 10 LU below
    the mean of these.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    rate : float
        Its rate in Hz.

    Returns
    -------
    loudness : float
        In LUFS; -70 where no block is louder.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.loudness import integrated_loudness
    >>> sine = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(10 * 8000) / 8000)
    >>> pause = np.zeros(20 * 8000)
    >>> round(integrated_loudness(np.concatenate([pause, sine, pause]), 8000))
    -23
    """
    return _integrated_loudness(_hop_powers(samples, rate))


def loudness_range(samples: np.ndarray, rate: float) -> float:
    """Return how far the loud and the soft parts of a signal are apart.

    From the 10th to the 95th percentile of the short-term loudness, of what is above -70 LUFS and
    not more than 20 LU below the mean of it.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    rate : float
        Its rate in Hz.

    Returns
    -------
    loudness_range : float
        In LU; 0 for silence, and for a signal shorter than 3 s, which is one short term.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.loudness import loudness_range
    >>> sine = np.sin(2 * np.pi * 1000 * np.arange(20 * 8000) / 8000)
    >>> round(loudness_range(np.concatenate([0.1 * sine, 0.01 * sine]), 8000))
    20
    """
    return _loudness_range(_hop_powers(samples, rate))


def _hop_powers(samples: np.ndarray, rate: float) -> np.ndarray:
    """Return the mean square of each 100 ms of the weighted signal, filtered second by second."""
    from scipy.signal import sosfilt  # slow to import, and needed only here

    sections = k_weighting(rate)
    shortest = int(np.ceil(_MOMENTARY * rate / _HOPS_PER_SECOND))
    if len(samples) < shortest:
        samples = np.pad(samples, (0, shortest - len(samples)))
    n_hops = int(len(samples) * _HOPS_PER_SECOND // rate)
    bounds = (np.arange(n_hops + 1) * rate / _HOPS_PER_SECOND).astype(int)
    state = np.zeros((len(sections), 2))
    powers = []
    for first in range(0, n_hops, _HOPS_PER_SECOND):
        start, *_, stop = second = bounds[first : first + _HOPS_PER_SECOND + 1]
        weighted, state = sosfilt(sections, samples[start:stop].astype(np.float64), zi=state)
        energies = np.add.reduceat(weighted**2, second[:-1] - start)
        powers.append(energies / np.diff(second))
    return np.concatenate(powers)


def _block_powers(hop_powers: np.ndarray, n_hops: int) -> np.ndarray:
    """Return the mean power of each stretch of so many hops, or of all where there are fewer."""
    n_hops = min(n_hops, len(hop_powers))
    return np.lib.stride_tricks.sliding_window_view(hop_powers, n_hops).mean(axis=1)


def _loudness(power: np.ndarray) -> np.ndarray:
    return -0.691 + 10 * np.log10(np.maximum(power, np.finfo(np.float64).tiny))


def _gated(powers: np.ndarray, relative_gate: float) -> np.ndarray:
    """Return the powers above the absolute gate and above one relative to the mean of these."""
    powers = powers[_loudness(powers) > _GATE]
    gate = _loudness(powers.mean()) + relative_gate if len(powers) else _GATE
    return powers[_loudness(powers) > gate]


def _integrated_loudness(hop_powers: np.ndarray) -> float:
    powers = _gated(_block_powers(hop_powers, _MOMENTARY), -10)
    return float(_loudness(powers.mean())) if len(powers) else _GATE


def _loudness_range(hop_powers: np.ndarray) -> float:
    powers = _gated(_block_powers(hop_powers, _SHORT_TERM), -20)
    if not len(powers):
        return 0.0
    soft, loud = np.quantile(_loudness(powers), [0.10, 0.95])
    return float(loud - soft)


class LoudnessExtractor(WaveformExtractor):
    """Loudness of a whole signal, and its range, as broadcasting measures them.

    ``integrated_loudness`` in LUFS by ITU-R BS.1770-4, at least -70, and ``loudness_range`` in LU
    by EBU Tech 3342. The signal is one channel, so a stereo recording mixed to its mean has
    3 LU less than a meter of both channels shows, where they are alike. A signal shorter than
    400 ms is continued by silence; one shorter than 3 s has the range 0. The rate must be
    3364 Hz or more.

    See Also
    --------
    MomentaryLoudnessExtractor : Statistics of the loudness over time.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import LoudnessExtractor
    >>> sine = np.sin(2 * np.pi * 1000 * np.arange(5 * 48000) / 48000)
    >>> LoudnessExtractor(sample_rate=48000).fit_transform([sine]).round(2)
    array([[-3.,  0.]], dtype=float32)
    """

    unit = ("LUFS", "LU")

    def value_names(self) -> list[str]:
        return ["integrated_loudness", "loudness_range"]

    def signal_values(self, signal: Signal) -> list[list[float]]:
        hop_powers = _hop_powers(signal.samples, signal.known_rate)
        return [[_integrated_loudness(hop_powers), _loudness_range(hop_powers)]]


class MomentaryLoudnessExtractor(WaveformExtractor):
    """Loudness of each 400 ms, as broadcasting measures it.

    A frame every 100 ms, in LUFS by ITU-R BS.1770-4 and EBU Tech 3341, at least -70. A signal
    shorter than 400 ms is continued by silence. The rate must be 3364 Hz or more.

    Parameters
    ----------
    summary : tuple of str or None, default=("mean", "std")
        Statistics over the frames, see `sklearn_audio.summaries`. None gives the frames.

    See Also
    --------
    LoudnessExtractor : Loudness of the whole signal, without its pauses.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import MomentaryLoudnessExtractor
    >>> sine = np.sin(2 * np.pi * 1000 * np.arange(48000) / 48000)
    >>> loudness = MomentaryLoudnessExtractor(summary=["max"], sample_rate=48000)
    >>> loudness.fit_transform([sine, 0.1 * sine, 0 * sine]).round(1)
    array([[ -3.],
           [-23.],
           [-70.]], dtype=float32)
    """

    unit = "LUFS"

    summary: Sequence[str] | None = ("mean", "std")

    def value_names(self) -> list[str]:
        return ["momentary_loudness"]

    def frame_times(self, n_frames: int, rate: float) -> np.ndarray:
        return (_MOMENTARY / 2 + np.arange(n_frames)) / _HOPS_PER_SECOND

    def signal_values(self, signal: Signal) -> np.ndarray:
        return momentary_loudness(signal.samples, signal.known_rate)[:, np.newaxis]
