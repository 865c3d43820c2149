"""How a signal shows itself on a page: the outline of its waveform, and a player.

What is made here needs no matplotlib, no script and no network, and is small: a notebook holds
it, and a report of thousands of recordings.
"""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np
import soundfile
import soxr

from .errors import AudioLimitError

# The rates of MP3, which every browser plays, in Hz.
PLAYABLE_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
# Samples that are encoded at once: libsndfile takes the stack for what it is given.
_BLOCK_SAMPLES = 2**16


def outline(samples: np.ndarray, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest sample of equal stretches of a signal.

    Drawn as an area they look as the waveform does, which has more samples than a picture has
    columns: no peak is lost, and an offset or a lopsided waveform stays what it is.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    n_columns : int
        Stretches at most; a shorter signal has one a sample.

    Returns
    -------
    lowest, highest : ndarray of shape (min(n_columns, n_samples),)
        Of the same unit as the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.markup import outline
    >>> lowest, highest = outline(np.array([0.0, 0.5, -0.5, 0.25]), 2)
    >>> lowest.tolist(), highest.tolist()
    ([0.0, -0.5], [0.5, 0.25])
    """
    n_columns = min(n_columns, len(samples))
    starts = np.arange(n_columns) * len(samples) // n_columns
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def waveform_svg(samples: np.ndarray, *, width: int = 240, height: int = 40) -> str:
    """Return the waveform as a small picture, in the colour of the text around it.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal. What is beyond full scale widens the scale.
    width, height : int, default=240 and 40
        In pixels.

    Returns
    -------
    svg : str
        An element of HTML.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.markup import waveform_svg
    >>> waveform_svg(np.array([0.0, 1.0]), width=2, height=20)[-39:]
    'd="M0 10.0L1 0.0L1 0.0L0 10.0z"/></svg>'
    """
    lowest, highest = outline(samples, width)
    scale = max(1.0, float(highest.max()), -float(lowest.min()))
    columns = np.arange(len(lowest)) * (width / len(lowest))
    middle = height / 2
    there = [
        f"{x:.4g} {middle * (1 - y / scale):.1f}" for x, y in zip(columns, highest, strict=True)
    ]
    back = [f"{x:.4g} {middle * (1 - y / scale):.1f}" for x, y in zip(columns, lowest, strict=True)]
    return (
        f'<svg class="waveform" role="img" aria-label="waveform" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><path fill="currentColor" stroke="currentColor" '
        f'stroke-width="0.75" d="M{"L".join(there + back[::-1])}z"/></svg>'
    )


def encoded(samples: np.ndarray, rate: float, *, container: str = "MP3") -> bytes:
    """Return a signal as the content of a file that every browser plays.

    A rate that browsers do not play becomes the next higher one that they do, above 48 kHz that.
    Samples beyond full scale are not clipped: the whole signal becomes softer.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    rate : float
        In Hz.
    container : {"MP3", "WAV"}, default="MP3"
        Small, or without loss (16 bits).

    Returns
    -------
    content : bytes
        Of the same duration as the signal, to a sample.

    Raises
    ------
    AudioLimitError
        Where the rate is so low or so high that the signal cannot be played.
    """
    playable = next((each for each in PLAYABLE_RATES if each >= rate), PLAYABLE_RATES[-1])
    if playable != rate:
        if not 1e-4 <= playable / rate <= 1e4:
            raise AudioLimitError(f"a signal of {rate:g} Hz cannot be played")
        samples = soxr.resample(samples, rate, playable)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > 1:
        samples = samples / peak
    buffer = io.BytesIO()
    subtype = "MPEG_LAYER_III" if container == "MP3" else "PCM_16"
    with soundfile.SoundFile(buffer, "w", playable, 1, subtype, format=container) as file:
        for start in range(0, len(samples), _BLOCK_SAMPLES):
            file.write(samples[start : start + _BLOCK_SAMPLES])
    return buffer.getvalue()


def player(samples: np.ndarray, rate: float, *, seconds: float | None = None) -> str:
    """Return a player that holds the sound itself.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        The signal.
    rate : float
        In Hz.
    seconds : float or None, default=None
        Play no more than that of a longer signal, and say so; None for all.

    Returns
    -------
    audio : str
        An element of HTML.
    """
    note = ""
    if seconds is not None and len(samples) > seconds * rate:
        note = f"the first {seconds:g} s of {len(samples) / rate:.4g} s"
        samples = samples[: max(1, round(seconds * rate))]
    content = base64.b64encode(encoded(samples, rate)).decode()
    audio = f'<audio controls preload="metadata" src="data:audio/mpeg;base64,{content}"></audio>'
    return f"{audio}<small>{escape(note)}</small>" if note else audio
