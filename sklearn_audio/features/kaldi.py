"""The features of Kaldi, a speech recogniser (D. Povey et al., 2011)."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np

from ..base import Interval, Options, ValueAxis
from .cepstral import cosine_matrix
from .filter_banks import band_limits
from .mel import mel_centres
from .speech import SpeechBlock, SpeechExtractor, scaled_log, sine_lifter

# Smaller energies count as this, so that every logarithm is finite.
_FLOOR = float(np.finfo(np.float32).eps)


class KaldiFilterBankExtractor(SpeechExtractor):
    """Logarithms of the energies in mel bands, as Kaldi computes them for speech recognition.

    Equal to ``compute-fbank-feats --dither=0`` and to ``OnlineFbank`` of kaldi-native-fbank, whose
    samples are integers of 16 bit.

    See Also
    --------
    KaldiMFCCExtractor : The cepstrum of these bands.
    LogMelSpectrogramExtractor : As librosa computes them, in dB.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import KaldiFilterBankExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> bands = KaldiFilterBankExtractor(n_mels=80, summary=None, sample_rate=16000)
    >>> bands.fit_transform([noise])[0].shape
    (98, 80)
    """

    unit = "log power"

    def value_names(self) -> list[str]:
        return [f"log_mel_{band}" for band in range(self.n_mels)]

    def value_axis(self, rate: float) -> ValueAxis:
        limits = band_limits(rate, self.fmin, self.fmax)
        return ValueAxis("frequency (Hz)", mel_centres(self.n_mels, *limits, htk=True), "mel")

    def block_values(self, block: SpeechBlock) -> np.ndarray:
        return self.log_bands(block, floor=_FLOOR)


class KaldiMFCCExtractor(SpeechExtractor):
    """Mel-frequency cepstral coefficients, as Kaldi computes them for speech recognition.

    Equal to ``compute-mfcc-feats --dither=0`` and to ``OnlineMfcc`` of kaldi-native-fbank, whose
    samples are integers of 16 bit. `MFCCExtractor` differs in framing, scale, bands and lifter.

    Parameters
    ----------
    n_mfcc : int, default=13
        Number of coefficients, the 0th included.
    lifter : float, default=22.0
        Where above 0, coefficient n is weighted by ``1 + lifter / 2 * sin(pi * n / lifter)``.
    use_energy : bool, default=True
        Put the logarithm of the energy of the frame, before pre-emphasis and window, in the place
        of the 0th coefficient. It is the default of Kaldi's program; most of its recipes say
        False.

    See Also
    --------
    HTKMFCCExtractor : As HTK computes them.
    MFCCExtractor : As librosa computes them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import KaldiMFCCExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> mfcc = KaldiMFCCExtractor(summary=None, sample_rate=16000)
    >>> mfcc.fit_transform([noise])[0].shape
    (98, 13)
    >>> mfcc.get_feature_names_out()[:2].tolist()
    ['log_energy', 'mfcc_1']
    """

    n_mfcc: int = 13
    lifter: float = 22.0
    use_energy: bool = True

    _parameter_constraints = {
        **SpeechExtractor._parameter_constraints,
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "lifter": [Options(Real, {0}), Interval(Real, 1e-3, 1e6, closed="both")],
        "use_energy": ["boolean"],
    }

    def value_names(self) -> list[str]:
        first = "log_energy" if self.use_energy else "mfcc_0"
        return [first, *(f"mfcc_{coefficient}" for coefficient in range(1, self.n_mfcc))]

    def block_values(self, block: SpeechBlock) -> np.ndarray:
        levels = self.log_bands(block, floor=_FLOOR)
        mfcc = levels @ cosine_matrix(self.n_mels, self.n_mfcc)
        mfcc *= sine_lifter(self.n_mfcc, self.lifter)
        if self.use_energy:
            mfcc[:, 0] = scaled_log(block.energy, floor=_FLOOR)
        return mfcc

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if self.n_mfcc > self.n_mels:
            raise ValueError(
                f"n_mfcc={self.n_mfcc} coefficients of n_mels={self.n_mels} bands; "
                "there are no more coefficients than bands"
            )
