"""Chroma: energy by pitch class."""

from __future__ import annotations

from functools import lru_cache
from numbers import Integral, Real

import numpy as np

from ..base import Interval, Options
from .norms import divided_by_norm
from .spectrum import PowerSpectrum, SpectrumBlock, SpectrumExtractor

PITCH_CLASSES = (
    "c",
    "c_sharp",
    "d",
    "d_sharp",
    "e",
    "f",
    "f_sharp",
    "g",
    "g_sharp",
    "a",
    "a_sharp",
    "b",
)


@lru_cache(maxsize=256)
def chroma_filter_bank(
    rate: float, n_fft: int, *, n_chroma: int = 12, tuning: float = 0.0
) -> np.ndarray:
    """Return the weights that turn a power spectrum into pitch classes.

    Each bin is spread over the pitch classes near it by a Gaussian and weighted by another one
    around the fifth octave, as in D. Ellis' *Chroma feature analysis and synthesis* (2007) and
    `librosa.filters.chroma`.

    Parameters
    ----------
    rate : float
        Rate of the signal in Hz.
    n_fft : int
        Samples of a frame.
    n_chroma : int, default=12
        Pitch classes of an octave, a multiple of 12; the first is C.
    tuning : float, default=0.0
        Deviation from A440 in fractions of a pitch class.

    Returns
    -------
    weights : ndarray of shape (n_chroma, n_fft // 2 + 1), dtype float32
        Read-only.
    """
    # The mirrored half of the spectrum counts too where a bin's width is taken from the next.
    frequencies = np.arange(1, n_fft) * rate / n_fft
    a440 = 440 * 2 ** (tuning / n_chroma)
    pitches = n_chroma * np.log2(frequencies / (a440 / 16))
    # The bin at 0 Hz has no pitch; it counts as one and a half octaves below the first.
    pitches = np.concatenate([[pitches[0] - 1.5 * n_chroma], pitches])
    widths = np.concatenate([np.maximum(np.diff(pitches), 1), [1]])

    half = np.round(n_chroma / 2)
    distances = pitches - np.arange(n_chroma)[:, np.newaxis]
    distances = np.remainder(distances + half + 10 * n_chroma, n_chroma) - half
    weights = np.exp(-0.5 * (2 * distances / widths) ** 2)
    weights /= np.linalg.norm(weights, axis=0)
    weights *= np.exp(-0.5 * ((pitches / n_chroma - 5) / 2) ** 2)
    weights = np.roll(weights, -3 * (n_chroma // 12), axis=0)  # the first class is A so far
    weights = np.ascontiguousarray(weights[:, : n_fft // 2 + 1], dtype=np.float32)
    weights.flags.writeable = False
    return weights


class ChromaExtractor(SpectrumExtractor):
    """Energy by pitch class, whatever the octave.

    The power spectrum weighted by filters for the twelve pitch classes, tuned to the recording,
    and each frame divided by its largest value. Equal to `librosa.feature.chroma_stft`. A silent
    frame is all 0.

    Parameters
    ----------
    n_chroma : int, default=12
        Pitch classes of an octave: 12, or a multiple for finer ones.
    norm : {numpy.inf, 1, 2} or None, default=numpy.inf
        Each frame is divided by this norm: its maximum, sum, or length; None leaves energies.
    tuning : float or None, default=None
        Deviation from A440 in fractions of a pitch class; None to estimate it for each signal.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import ChromaExtractor
    >>> a4 = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> chroma = ChromaExtractor(summary=["mean"], sample_rate=22050)
    >>> chroma.get_feature_names_out()[chroma.fit_transform([a4]).argmax()]
    'chroma_a_mean'
    """

    unit = "0 to 1"

    n_chroma: int = 12
    norm: float | None = np.inf
    tuning: float | None = None

    _parameter_constraints = {
        **SpectrumExtractor._parameter_constraints,
        "n_chroma": [Interval(Integral, 1, None, closed="left")],
        "norm": [Options(Real, {1, 2, np.inf}), None],
        "tuning": [Interval(Real, -100, 100, closed="both"), None],
    }

    def value_names(self) -> list[str]:
        classes = PITCH_CLASSES if self.n_chroma == 12 else range(self.n_chroma)
        return [f"chroma_{pitch_class}" for pitch_class in classes]

    def survey(self, spectrum: PowerSpectrum) -> None:
        if self.tuning is None:
            spectrum.tuning(self.n_chroma)

    def block_values(self, block: SpectrumBlock) -> np.ndarray:
        spectrum = block.spectrum
        tuning = spectrum.tuning(self.n_chroma) if self.tuning is None else self.tuning
        weights = chroma_filter_bank(
            spectrum.rate, spectrum.n_fft, n_chroma=self.n_chroma, tuning=tuning
        )
        return block.power @ weights.T

    def finish(self, values: np.ndarray, spectrum: PowerSpectrum) -> np.ndarray:
        return divided_by_norm(values, self.norm)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if self.n_chroma % 12:
            raise ValueError(
                f"n_chroma={self.n_chroma}; 12 pitch classes or a multiple of 12 are wanted"
            )
