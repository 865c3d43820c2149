"""Onsets: where something begins.

*Conventions.* The strength of a frame is how much the level of the mel bands rises from the frame
before, in dB (the spectral flux). The onset envelope is the strength of all frames of a signal,
``rate / hop_length`` values a second. Silence has no onsets, its strength is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral

import numpy as np
from scipy.sparse import csr_array

from ..base import Interval, StrOptions
from .decibels import power_to_decibels
from .filter_banks import FilterBankExtractor
from .mel import mel_filter_bank
from .spectrum import PowerSpectrum

_AVERAGES: dict[str, Callable[..., np.ndarray]] = {"mean": np.mean, "median": np.median}


def onset_strength(
    level: np.ndarray,
    *,
    n_fft: int = 2048,
    hop_length: int = 512,
    lag: int = 1,
    max_size: int = 1,
    center: bool = True,
    aggregate: str = "mean",
) -> np.ndarray:
    """Return how strongly something begins in each frame.

    The rise of each band since ``lag`` frames ago, averaged over the bands; falling bands count
    as 0. Equal to `librosa.onset.onset_strength`; the maximum filter is that of S. Böck and
    G. Widmer (2013).

    Parameters
    ----------
    level : ndarray of shape (n_frames, n_bands)
        Level of the mel bands in dB.
    n_fft, hop_length : int, default=2048 and 512
        Samples of a frame, and from one frame to the next.
    lag : int, default=1
        Frames over which a rise is measured.
    max_size : int, default=1
        Earlier bands are replaced by the largest of so many neighbours, against vibrato.
    center : bool, default=True
        Whether frames are centred, and so hear an onset half a frame before it is at their start;
        the strength is delayed by that.
    aggregate : {"mean", "median"}, default="mean"
        The average over the bands.

    Returns
    -------
    onset_envelope : ndarray of shape (n_frames,)
        Strength in dB; 0 in the first frames.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.features.onset import onset_strength
    >>> level = np.array([[-80.0, -80.0], [-20.0, -80.0], [-40.0, -60.0]])
    >>> onset_strength(level, center=False)
    array([ 0., 30., 10.])
    """
    earlier = level
    if max_size > 1:
        from scipy.ndimage import maximum_filter1d  # slow to import, and needed only here

        earlier = maximum_filter1d(level, max_size, axis=1)
    rise = np.maximum(level[lag:] - earlier[:-lag], 0)
    first = lag + (n_fft // (2 * hop_length) if center else 0)
    onset_envelope = np.zeros(len(level), dtype=level.dtype)
    onset_envelope[first:] = _AVERAGES[aggregate](rise, axis=1)[: max(len(level) - first, 0)]
    return onset_envelope


class RhythmExtractor(FilterBankExtractor):
    """Base of the features of the onset envelope.

    A feature of your own is a subclass with ``value_names`` and ``finish``, which makes its
    frames of ``self.onset_envelope(values)``.

    Parameters
    ----------
    n_mels : int, default=128
        Number of mel bands whose level is looked at.
    lag : int, default=1
        Frames over which a rise of the level is measured.
    max_size : int, default=1
        Earlier bands are replaced by the largest of so many neighbours, against vibrato.
    aggregate : {"mean", "median"}, default="mean"
        The average over the bands.
    """

    n_mels: int = 128
    lag: int = 1
    max_size: int = 1
    aggregate: str = "mean"

    _parameter_constraints = {
        **FilterBankExtractor._parameter_constraints,
        "n_mels": [Interval(Integral, 1, 4096, closed="both")],
        "lag": [Interval(Integral, 1, None, closed="left")],
        "max_size": [Interval(Integral, 1, None, closed="left")],
        "aggregate": [StrOptions(set(_AVERAGES))],
    }

    def filter_bank(self, rate: float, n_fft: int) -> csr_array:
        # In full, as the features of mel bands have it, so that all get the same one.
        return mel_filter_bank(
            rate,
            n_fft,
            n_mels=self.n_mels,
            fmin=self.fmin,
            fmax=self.fmax,
            htk=False,
            norm="slaney",
        )

    def onset_envelope(self, bands: np.ndarray) -> np.ndarray:
        """Return the onset strength, given what ``block_values`` returned for all blocks.

        Parameters
        ----------
        bands : ndarray of shape (n_frames, n_mels)
            Energies of the mel bands.

        Returns
        -------
        onset_envelope : ndarray of shape (n_frames,), dtype float32
            Strength in dB.
        """
        return onset_strength(
            power_to_decibels(bands),
            n_fft=self.n_fft,
            hop_length=self.hop_length,
            lag=self.lag,
            max_size=self.max_size,
            center=self.center,
            aggregate=self.aggregate,
        )


class OnsetStrengthExtractor(RhythmExtractor):
    """How strongly something begins: the mean rise of the mel bands, in dB.

    Equal to `librosa.onset.onset_strength`.

    See Also
    --------
    sklearn_audio.features.onset.onset_strength : The function of the level of the bands.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import OnsetStrengthExtractor
    >>> clicks = np.zeros(16000)
    >>> clicks[[4000, 8000, 12000]] = 1
    >>> onsets = OnsetStrengthExtractor(summary=None, n_fft=512, hop_length=400, sample_rate=16000)
    >>> [frames] = onsets.fit_transform([clicks])
    >>> np.flatnonzero(frames > 10)
    array([10, 20, 30])
    """

    unit = "dB"

    def value_names(self) -> list[str]:
        return ["onset_strength"]

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        return self.onset_envelope(values)[:, np.newaxis]
