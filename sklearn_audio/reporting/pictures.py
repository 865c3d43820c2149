"""Small pictures for a page: the spectrogram of a signal, and bars."""

from __future__ import annotations

import base64
import io
from functools import cache

import numpy as np

from ..extras import required
from ..features.decibels import relative_level
from ..features.mel import hertz_to_mel, mel_to_hertz
from ..features.spectrum import STFT, PowerSpectrum
from ..signals import Signal

TOP_DB = 80.0
_WIDTH, _HEIGHT = 320, 96
# Of a picture; steps of 1.25 dB are not seen, and the file is half as large as with 256.
_N_COLOURS = 64
# A frame is about as long as this, so that harmonics of a voice are seen apart.
_FRAME_SECONDS = 0.03


def spectrogram_png(signal: Signal) -> bytes:
    """Return a small spectrogram.

    Time goes to the right and frequency up, from 0 to half the rate on the mel scale; colours are
    dB below the loudest, magma from black at -80 dB to light yellow.

    Parameters
    ----------
    signal : Signal
        With a rate; some seconds, since all of it is in memory.

    Returns
    -------
    content : bytes
        Of a PNG file.

    Raises
    ------
    NonFiniteAudioError
        Where the samples are too large for a spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import Signal
    >>> from sklearn_audio.reporting.pictures import spectrogram_png
    >>> noise = np.random.default_rng(0).normal(size=8000)
    >>> spectrogram_png(Signal(noise, 8000))[1:4]
    b'PNG'
    """
    Image = required("PIL.Image")
    level = _levels(signal)
    # Rows of a picture go down, and the highest frequency is the last bin.
    codes = np.rint((level.T[::-1] / TOP_DB + 1) * (_N_COLOURS - 1)).astype(np.uint8)
    image = Image.fromarray(codes)
    image.putpalette(_palette())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _levels(signal: Signal) -> np.ndarray:
    """Return dB below the loudest, of shape (320 frames at most and one, 96 bands)."""
    hop_length = -(-len(signal) // _WIDTH)
    n_fft = 2 ** int(np.ceil(np.log2(max(64, hop_length, _FRAME_SECONDS * signal.known_rate))))
    settings = STFT(n_fft, hop_length, n_fft, "hann", True, "constant")
    rate = signal.known_rate
    edges = mel_to_hertz(np.linspace(0, hertz_to_mel(rate / 2), _HEIGHT + 1)[:-1])
    starts = (edges * n_fft / rate).astype(int)
    # The loudest bin stands for a band, so that a thin line is not lost; low bands share a bin.
    blocks = PowerSpectrum(signal, settings).blocks()
    power = np.concatenate([np.maximum.reduceat(block.power, starts, axis=1) for block in blocks])
    return relative_level(power, exponent=2, top_db=TOP_DB)


@cache
def _palette() -> bytes:
    colours = required("matplotlib").colormaps["magma"].resampled(_N_COLOURS)
    return colours(np.arange(_N_COLOURS), bytes=True)[:, :3].tobytes()


def data_uri(content: bytes, kind: str) -> str:
    """Return the content of a file as an address that holds it.

    Parameters
    ----------
    content : bytes
        Of any kind.
    kind : str
        Such as ``"image/png"``.

    Returns
    -------
    uri : str
        To stand in a page.

    Examples
    --------
    >>> from sklearn_audio.reporting.pictures import data_uri
    >>> data_uri(b"sound", "text/plain")
    'data:text/plain;base64,c291bmQ='
    """
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def bin_edges(values: np.ndarray, n_bins: int = 30) -> np.ndarray:
    """Return round edges of the bins of a histogram.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        Finite, at least one.
    n_bins : int, default=30
        Bins at most, about.

    Returns
    -------
    edges : ndarray of shape (n_bins + 1,)
        All values are from the first to the last.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.reporting.pictures import bin_edges
    >>> bin_edges(np.array([0.3, 9.8]), 10)
    array([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10.])
    """
    ticker = required("matplotlib.ticker")
    lowest, highest = float(values.min()), float(values.max())
    return ticker.MaxNLocator(n_bins, steps=[1, 2, 5, 10]).tick_values(lowest, highest)
