"""How a signal shows itself on a page: the outline of its waveform, and a player.

What is made here needs no matplotlib, no script and no network, and is small: a notebook holds
it, and a report of thousands of recordings.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from .errors import AudioError, AudioLimitError

if TYPE_CHECKING:
    from .signals import Signal, SignalBatch

# The rates of MP3, which every browser plays, in Hz.
PLAYABLE_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
# A batch shows so many signals, and opens so many recordings for their duration.
_SHOWN_SIGNALS = 3
_OPENED_RECORDINGS = 200
# A notebook keeps what it shows: of a signal this many seconds are played, and a recording of a
# batch that is longer than ten minutes is not read for being shown.
_PLAYED_SECONDS = 30.0
_LONGEST_SHOWN_SECONDS = 600.0
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
        write_blocks(file, samples)
    return buffer.getvalue()


def quantized(samples: np.ndarray, n_bits: int) -> np.ndarray:
    """Return samples rounded to integers of some bits; libsndfile would cut off what is below.

    Parameters
    ----------
    samples : ndarray of shape (n_samples,)
        From -1 to 1. A sample of 1 becomes the largest integer, one step less.
    n_bits : int
        Of the integers, at most 32.

    Returns
    -------
    integers : ndarray of shape (n_samples,), dtype int32
        In the upper bits, as soundfile takes integers for any number of bits.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio.markup import quantized
    >>> quantized(np.array([-1.0, 0.3, 1.0]), 8) >> 24
    array([-128,   38,  127], dtype=int32)
    """
    scale = 2 ** (n_bits - 1)
    steps = np.rint(np.multiply(samples, scale, dtype=np.float64)).clip(-scale, scale - 1)
    return steps.astype(np.int32) << (32 - n_bits)


def write_blocks(file: soundfile.SoundFile, samples: np.ndarray) -> None:
    """Write samples to a file that is open, in the encoding that it has.

    Parameters
    ----------
    file : SoundFile
        Open for writing, of one channel.
    samples : ndarray of shape (n_samples,)
        The signal; within -1 and 1 where the encoding is one of integers.
    """
    bits = re.fullmatch(r"PCM_[SU]?(\d+)", file.subtype)
    for start in range(0, len(samples), _BLOCK_SAMPLES):
        block = samples[start : start + _BLOCK_SAMPLES]
        file.write(quantized(block, int(bits[1])) if bits else block)


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
    return f"{audio}<br><small>{escape(note)}</small>" if note else audio


def html_of_signal(signal: Signal) -> str:
    """Return a signal as a line of text, its waveform and a player.

    Parameters
    ----------
    signal : Signal
        The signal.

    Returns
    -------
    html : str
        For a notebook.
    """
    return f"<div><code>{escape(repr(signal))}</code>{_look_and_sound(signal)}</div>"


def html_of_batch(batch: SignalBatch) -> str:
    """Return the plan of a batch, its total duration where that is known, and the first signals.

    Parameters
    ----------
    batch : SignalBatch
        Its first signals are read.

    Returns
    -------
    html : str
        For a notebook.
    """
    total = _total_duration(batch)
    duration = "" if total is None else f"<p>{as_time(total)} in all, before the steps</p>"
    items = "".join(f"<li>{item}</li>" for item in _first_signals(batch))
    signals = f'<ol start="0">{items}</ol>' if items else ""
    return f"<div><pre>{escape(repr(batch))}</pre>{duration}{signals}</div>"


def as_time(seconds: float) -> str:
    """Return a duration in words.

    Parameters
    ----------
    seconds : float
        Not negative, or NaN.

    Returns
    -------
    words : str
        Empty for NaN.

    Examples
    --------
    >>> from sklearn_audio.markup import as_time
    >>> as_time(0.6402), as_time(75), as_time(7500)
    ('0.64 s', '1 min 15 s', '2 h 5 min')
    """
    if np.isnan(seconds):
        return ""
    if 0 < seconds < 0.001:
        return f"{1000 * seconds:.2g} ms"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes} min"


def _look_and_sound(signal: Signal) -> str:
    if signal.rate is None:
        sound = "<small>no player: its rate is not known</small>"
    else:
        try:
            sound = player(signal.samples, signal.rate, seconds=_PLAYED_SECONDS)
        except AudioLimitError as error:
            sound = f"<small>{escape(str(error))}</small>"
    side_by_side = "display:flex;flex-wrap:wrap;align-items:center;gap:1em"
    return f'<div style="{side_by_side}">{waveform_svg(signal.samples)}<div>{sound}</div></div>'


def _first_signals(batch: SignalBatch) -> Iterator[str]:
    for position, source in enumerate(batch.sources[:_SHOWN_SIGNALS]):
        name = escape(str(source))
        try:
            seconds = source.declared_duration()
            if seconds is not None and seconds > _LONGEST_SHOWN_SECONDS:
                yield f"{name}<br><small>{as_time(seconds)}: batch[{position}] reads it</small>"
            else:
                signal = batch[position]
                yield f"{name}<br><small>{escape(repr(signal))}</small>{_look_and_sound(signal)}"
        except AudioError as error:
            yield f"{name}<br><small>{type(error).__name__}: {escape(error.reason)}</small>"


def _total_duration(batch: SignalBatch) -> float | None:
    if not 0 < len(batch) <= _OPENED_RECORDINGS:
        return None
    try:
        durations = [source.declared_duration() for source in batch.sources]
    except AudioError:
        return None
    known = [duration for duration in durations if duration is not None]
    return sum(known) if len(known) == len(durations) else None
