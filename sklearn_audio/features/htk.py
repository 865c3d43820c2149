"""The features of HTK, the hidden Markov model toolkit (S. Young et al., *The HTK book*, 3.4)."""

from __future__ import annotations

from dataclasses import field
from numbers import Integral, Real

import numpy as np

from ..base import Interval, Options, StrOptions
from .cepstral import cosine_matrix
from .speech import SpeechBlock, SpeechExtractor, scaled_log, sine_lifter

# Smaller energies count as this; MELFLOOR is 1 by default.
_FLOOR = 1.0


class HTKMFCCExtractor(SpeechExtractor):
    """Mel-frequency cepstral coefficients, as HTK computes them for speech recognition.

    The formulas of the HTK book (chapter 5), with its usual settings: magnitudes, not
    powers, in mel bands, the cosine transform with ``sqrt(2 / n_mels)``, and the 0th coefficient
    or the energy in the last place. Energies are not normalised (``ENORMALISE = F``). A signal that
    is shorter than a frame is continued by silence.

    Parameters
    ----------
    n_mfcc : int, default=12
        Number of coefficients, the 0th not included.
    lifter : float, default=22.0
        Where above 0, coefficient n is weighted by ``1 + lifter / 2 * sin(pi * n / lifter)``.
    energy : {"mfcc_0", "log_energy"} or None, default="mfcc_0"
        What comes last: the 0th coefficient (``MFCC_0`` of HTK), the logarithm of the energy of
        the frame before pre-emphasis and window (``MFCC_E``), or nothing.
    use_power : bool, default=False
        Sum powers in the bands in place of magnitudes.
    window : {"povey", "hamming", "hann", "blackman", "boxcar"}, default="hamming"
        Shape of the window, symmetric.
    remove_dc_offset : bool, default=False
        Take the mean of each frame from it before all else (``ZMEANSOURCE``).
    n_mels : int, default=26
        Number of mel bands.
    fmin : float, default=0.0
        Lower edge of the lowest band in Hz.

    See Also
    --------
    KaldiMFCCExtractor : As Kaldi computes them.
    MFCCExtractor : As librosa computes them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import HTKMFCCExtractor
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> mfcc = HTKMFCCExtractor(summary=None, sample_rate=16000)
    >>> mfcc.fit_transform([noise])[0].shape
    (98, 13)
    >>> mfcc.get_feature_names_out()[[0, 12]].tolist()
    ['mfcc_1', 'mfcc_0']
    """

    n_mfcc: int = 12
    lifter: float = 22.0
    energy: str | None = "mfcc_0"
    use_power: bool = False
    window: str = "hamming"
    remove_dc_offset: bool = False
    n_mels: int = 26
    fmin: float = 0.0
    snip_edges: bool = field(init=False, default=True)

    _parameter_constraints = {
        **{
            name: constraint
            for name, constraint in SpeechExtractor._parameter_constraints.items()
            if name != "snip_edges"
        },
        "n_mfcc": [Interval(Integral, 1, None, closed="left")],
        "lifter": [Options(Real, {0}), Interval(Real, 1e-3, 1e6, closed="both")],
        "energy": [StrOptions({"mfcc_0", "log_energy"}), None],
        "use_power": ["boolean"],
    }

    def value_names(self) -> list[str]:
        names = [f"mfcc_{coefficient}" for coefficient in range(1, self.n_mfcc + 1)]
        return names if self.energy is None else [*names, self.energy]

    def block_values(self, block: SpeechBlock) -> np.ndarray:
        levels = self.log_bands(block, floor=_FLOOR, use_power=self.use_power)
        mfcc = levels @ cosine_matrix(self.n_mels, self.n_mfcc + 1)
        mfcc *= sine_lifter(self.n_mfcc + 1, self.lifter)
        # HTK weights the 0th by sqrt(2 / n_mels) too, an orthonormal transform by its half.
        last = {
            None: mfcc[:, :0],
            "mfcc_0": np.sqrt(np.float32(2)) * mfcc[:, :1],
            "log_energy": scaled_log(block.energy, floor=_FLOOR)[:, np.newaxis],
        }[self.energy]
        return np.concatenate([mfcc[:, 1:], last], axis=1)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if self.n_mfcc >= self.n_mels:
            raise ValueError(
                f"n_mfcc={self.n_mfcc} coefficients and the 0th of n_mels={self.n_mels} bands; "
                "there are no more coefficients than bands"
            )
