"""Unions of features that go well together.

Each is a function that returns a `FeatureUnion`, so that its parts can be changed or dropped by
``set_params`` like those of any other, and its columns are named ``part__value_statistic``.
"""

from __future__ import annotations

from typing import Any

from .errors import AudioError
from .features import (
    BeatExtractor,
    ChromaCENSExtractor,
    ChromaCQTExtractor,
    ChromaExtractor,
    MFCCExtractor,
    OnsetStrengthExtractor,
    PYINExtractor,
    RMSExtractor,
    SpectralBandwidthExtractor,
    SpectralCentroidExtractor,
    SpectralContrastExtractor,
    SpectralEntropyExtractor,
    SpectralFlatnessExtractor,
    SpectralFluxExtractor,
    SpectralRMSExtractor,
    SpectralRolloffExtractor,
    TonnetzExtractor,
    ZeroCrossingRateExtractor,
)
from .signals import validated_rate
from .union import FeatureUnion

# The window and the step that are usual for speech, in seconds.
_SPEECH_WINDOW, _SPEECH_HOP = 0.025, 0.010
_HIGHEST_SPEECH_PITCH = 500
_LOWEST_SPEECH_RATE = 2 * _HIGHEST_SPEECH_PITCH


def music_features(*, sample_rate: float | None = None, n_jobs: int | None = None) -> FeatureUnion:
    """Return features of music: timbre, harmony, level and rhythm, 150 columns.

    MFCC with deltas, spectral contrast, centroid, bandwidth, rolloff and flatness; chroma and
    tonnetz; level and zero crossings; onset strength and beats. Mean and standard deviation of
    each, over frames of 2048 samples every 512. The signals need a rate above 12.8 kHz; 22,050 Hz
    is usual.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate of the signals in Hz. Needed for plain arrays; an error where it contradicts a batch.
    n_jobs : int or None, default=None
        Processes over which signals are spread, as in joblib.

    Returns
    -------
    union : FeatureUnion
        With the branches "mfcc", "contrast", "centroid", ...

    See Also
    --------
    fma_features : A larger set, which others have published results with.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import music_features
    >>> noise = np.random.default_rng(0).normal(size=(1, 44100))
    >>> music_features(sample_rate=22050).fit_transform(noise).shape
    (1, 150)
    """
    rate: dict[str, Any] = {"sample_rate": sample_rate}
    return FeatureUnion(
        [
            ("mfcc", MFCCExtractor(n_mfcc=20, n_deltas=1, **rate)),
            ("contrast", SpectralContrastExtractor(**rate)),
            ("centroid", SpectralCentroidExtractor(**rate)),
            ("bandwidth", SpectralBandwidthExtractor(**rate)),
            ("rolloff", SpectralRolloffExtractor(**rate)),
            ("flatness", SpectralFlatnessExtractor(**rate)),
            ("chroma", ChromaCQTExtractor(**rate)),
            ("tonnetz", TonnetzExtractor(**rate)),
            ("rms", RMSExtractor(**rate)),
            ("zcr", ZeroCrossingRateExtractor(**rate)),
            ("onset", OnsetStrengthExtractor(**rate)),
            ("beat", BeatExtractor(**rate)),
        ],
        n_jobs=n_jobs,
    )


def speech_features(*, sample_rate: float = 16000, n_jobs: int | None = None) -> FeatureUnion:
    """Return features of speech: timbre with its changes, pitch and voicing, level, 96 columns.

    MFCC of 40 mel bands with deltas and delta-deltas; pitch by pYIN from 65 to 500 Hz and the
    share of voiced frames; centroid, rolloff, flatness, flux and entropy of the spectrum; level
    and zero crossings. Mean and standard deviation of each, over 25 ms every 10 ms.

    Parameters
    ----------
    sample_rate : float, default=16000
        Rate of the signals in Hz, 1000 or more, from which the length of frames in samples
        follows. Put a `Resampler` before for signals of other rates.
    n_jobs : int or None, default=None
        Processes over which signals are spread, as in joblib.

    Returns
    -------
    union : FeatureUnion
        With the branches "mfcc", "pitch", "centroid", ...

    Raises
    ------
    AudioError
        Where ``sample_rate`` is not a number of 1000 or more.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import speech_features
    >>> noise = np.random.default_rng(0).normal(size=(1, 16000))
    >>> speech_features().fit_transform(noise).shape
    (1, 96)
    """
    sample_rate = validated_rate(sample_rate)
    if sample_rate < _LOWEST_SPEECH_RATE:
        raise AudioError(
            f"sample_rate={sample_rate}; pitches up to {_HIGHEST_SPEECH_PITCH} Hz need a rate of "
            f"{_LOWEST_SPEECH_RATE} Hz or more, and 16000 is usual"
        )
    rate: dict[str, Any] = {"sample_rate": sample_rate}
    window, hop = round(_SPEECH_WINDOW * sample_rate), round(_SPEECH_HOP * sample_rate)
    n_fft = 1 << (window - 1).bit_length()  # the next power of two
    spectrum: dict[str, Any] = {"n_fft": n_fft, "win_length": window, "hop_length": hop, **rate}
    frames: dict[str, Any] = {"frame_length": window, "hop_length": hop, **rate}
    # Two periods of the lowest pitch have to fit into a frame.
    pitch_length = 1 << (round(4 * sample_rate / 65) - 1).bit_length()
    return FeatureUnion(
        [
            ("mfcc", MFCCExtractor(n_mels=40, **spectrum)),
            (
                "pitch",
                PYINExtractor(
                    fmin=65,
                    fmax=_HIGHEST_SPEECH_PITCH,
                    frame_length=pitch_length,
                    hop_length=hop,
                    **rate,
                ),
            ),
            ("centroid", SpectralCentroidExtractor(**spectrum)),
            ("rolloff", SpectralRolloffExtractor(**spectrum)),
            ("flatness", SpectralFlatnessExtractor(**spectrum)),
            ("flux", SpectralFluxExtractor(**spectrum)),
            ("entropy", SpectralEntropyExtractor(**spectrum)),
            ("rms", RMSExtractor(**frames)),
            ("zcr", ZeroCrossingRateExtractor(**frames)),
        ],
        n_jobs=n_jobs,
    )


def fma_features(*, sample_rate: float | None = None, n_jobs: int | None = None) -> FeatureUnion:
    """Return the 518 features that were published with the FMA data set.

    Mean, standard deviation, skewness, kurtosis, median, minimum and maximum of chroma (by STFT, by
    constant-Q transform, and CENS), tonnetz of the latter, 20 MFCC, level, zero crossings, and
    centroid, bandwidth, contrast and rolloff of the spectrum, over frames of 2048 samples every
    512 (M. Defferrard, K. Benzi, P. Vandergheynst and X. Bresson, *FMA: A Dataset For Music
    Analysis*, 2017, and its program ``features.py``). The values are those of today's librosa;
    the published ones were made with version 0.5, which continued signals by reflection, and took
    all recordings for 22,050 Hz in the features of the spectrum's shape. The level is that of the
    windowed frames, as there. The signals need a rate above 12.8 kHz.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate of the signals in Hz. Needed for plain arrays; an error where it contradicts a batch.
    n_jobs : int or None, default=None
        Processes over which signals are spread, as in joblib.

    Returns
    -------
    union : FeatureUnion
        With the branches "chroma_stft", "chroma_cqt", "chroma_cens", "tonnetz", "mfcc", "rms",
        "zcr", "spectral_centroid", "spectral_bandwidth", "spectral_contrast" and
        "spectral_rolloff".

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import fma_features
    >>> noise = np.random.default_rng(0).normal(size=(1, 44100))
    >>> fma_features(sample_rate=22050).fit_transform(noise).shape
    (1, 518)
    """
    settings: dict[str, Any] = {
        "summary": ("mean", "std", "skew", "kurtosis", "median", "min", "max"),
        "sample_rate": sample_rate,
    }
    notes: dict[str, Any] = {"bins_per_octave": 12, "n_octaves": 7, **settings}
    return FeatureUnion(
        [
            ("chroma_stft", ChromaExtractor(**settings)),
            ("chroma_cqt", ChromaCQTExtractor(**notes)),
            ("chroma_cens", ChromaCENSExtractor(**notes)),
            ("tonnetz", TonnetzExtractor(chroma="cens", **notes)),
            ("mfcc", MFCCExtractor(n_mfcc=20, n_deltas=0, **settings)),
            ("rms", SpectralRMSExtractor(**settings)),
            ("zcr", ZeroCrossingRateExtractor(**settings)),
            ("spectral_centroid", SpectralCentroidExtractor(**settings)),
            ("spectral_bandwidth", SpectralBandwidthExtractor(**settings)),
            ("spectral_contrast", SpectralContrastExtractor(**settings)),
            ("spectral_rolloff", SpectralRolloffExtractor(**settings)),
        ],
        n_jobs=n_jobs,
    )
