"""The way back: from signals to sound, in a notebook or in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np
import soundfile

from .errors import AudioError
from .extras import required
from .files import replacing
from .kinds import as_signal
from .markup import PLAYABLE_RATES, encoded, write_blocks
from .signals import SignalBatch, stretch

if TYPE_CHECKING:
    from IPython.display import Audio

# Encodings of floating-point numbers, which hold what is beyond full scale.
_FLOATING = {"FLOAT", "DOUBLE"}
# Endings that are not the name of a format.
_FORMATS = {"AIF": "AIFF", "OGA": "OGG"}
# RAW has no header that tells what it is. Of SD2, libsndfile leaves half in the working directory,
# a file "._", for which it then takes MP3s for SD2 (its issue 1112).
_UNWRITTEN = {"RAW", "SD2"}
# The encoder of Vorbis takes no higher rate, and libsndfile 1.2.2 crashes where it is asked to.
_HIGHEST_RATE_OF_OGG = 200_000


def play(
    signal: Any,
    index: int = 0,
    *,
    sample_rate: float | None = None,
    start: float | None = None,
    end: float | None = None,
) -> Audio:
    """Return a player for a notebook.

    Nothing is normalised: a soft signal is soft. One that goes beyond full scale is played softer
    as a whole, since it would be clipped. A rate that browsers do not play, below 8 kHz, above
    48 kHz or an unusual one, is resampled for the player.

    Parameters
    ----------
    signal : Signal, SignalBatch, or array-like of shape (n_samples,)
        What is played. Of a batch one signal, after its steps.
    index : int, default=0
        Which signal of a batch.
    sample_rate : float or None, default=None
        In Hz; needed for an array.
    start, end : float or None, default=None
        What is played, in seconds; None for the beginning and the end. A notebook keeps all of it.

    Returns
    -------
    player : IPython.display.Audio
        Shows itself where it is the last line of a cell. It holds the samples as WAV of 16 bits.

    Raises
    ------
    AudioError
        For a signal of unknown rate, or a recording that cannot be read.
    ValueError
        For an index of what is no batch.
    ImportError
        Where IPython is not installed.

    See Also
    --------
    write_audio : A file in its place.

    Examples
    --------
    >>> from sklearn_audio import Loader, play
    >>> from sklearn_audio.datasets import load_percussion
    >>> batch = Loader().transform(load_percussion().paths)
    >>> type(play(batch, 3)).__name__
    'Audio'
    """
    display = required("IPython.display")
    if isinstance(signal, SignalBatch):
        signal = signal[signal.position_of(index)]
    elif index != 0:
        raise ValueError(
            f"index={index!r}, but this is no SignalBatch. For its rate write sample_rate={index!r}"
        )
    one, _ = stretch(as_signal(signal, sample_rate), start, end)
    return display.Audio(data=encoded(one.samples, one.known_rate, container="WAV"))


def write_audio(
    path: str | os.PathLike[str],
    y: Any,
    sample_rate: float | None = None,
    *,
    clipping: Literal["raise", "clip", "scale"] = "raise",
    subtype: str | None = None,
) -> None:
    """Write a signal to a file, whose format is told by its ending.

    Files of integers hold no sample beyond full scale, -1 to 1. What becomes of one is said
    before anything is written; it never wraps around. A file of the same name is replaced at once
    when all is written, so that nobody finds half of one.

    Parameters
    ----------
    path : str or path-like
        Ends in .wav, .flac, .ogg, .mp3, .aiff, or another ending that libsndfile knows.
    y : array-like of shape (n_samples,), or Signal
        The signal.
    sample_rate : float or None, default=None
        In Hz, a whole number; needed for an array.
    clipping : {"raise", "clip", "scale"}, default="raise"
        For samples beyond full scale: an error, the nearest value that fits, or the whole signal
        divided by its peak. Without effect for the subtypes "FLOAT" and "DOUBLE", which hold them.
    subtype : str or None, default=None
        Encoding, as in `soundfile.available_subtypes`: "PCM_24" or "FLOAT", for example. None for
        that which is usual for the format, 16 bits for WAV, FLAC and AIFF.

    Raises
    ------
    AudioError
        For samples beyond full scale, a rate or an encoding that the format does not have, and
        where the rate is missing.
    OSError
        Where the file cannot be written.

    See Also
    --------
    play : A player in a notebook.
    Loader : Reads recordings.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sklearn_audio import Loader, write_audio
    >>> sine = 0.5 * np.sin(2 * np.pi * 220 * np.arange(5 * 22050) / 22050)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "sine.wav")
    ...     write_audio(path, sine, 22050)
    ...     print(Loader().transform([path])[0])
    Signal(110250 samples, 22050 Hz, 5 s)
    """
    if clipping not in ("raise", "clip", "scale"):
        raise ValueError(f"clipping={clipping!r}; 'raise', 'clip' or 'scale' is wanted")
    path = Path(path)
    signal = as_signal(y, sample_rate)
    ending = path.suffix[1:].upper()
    audio_format = _FORMATS.get(ending, ending)
    _check_encoding(path, audio_format, signal.known_rate, subtype)
    subtype = subtype or soundfile.default_subtype(audio_format)
    samples = signal.samples
    if subtype not in _FLOATING:
        samples = _within_full_scale(samples, clipping, str(path))
    with replacing(path) as file:
        _write(file, samples, int(signal.known_rate), subtype, audio_format, path)
        _check_written(file, len(samples), int(signal.known_rate), path)


def _write(
    file: BinaryIO, samples: np.ndarray, rate: int, subtype: str, audio_format: str, path: Path
) -> None:
    try:
        with soundfile.SoundFile(file, "w", rate, 1, subtype, format=audio_format) as sound:
            write_blocks(sound, samples)
    except soundfile.SoundFileError as error:
        reason = getattr(error, "error_string", error)
        raise AudioError(
            f"{rate} Hz as {audio_format} of {subtype} cannot be written ({reason})", str(path)
        ) from error


def _check_written(file: BinaryIO, n_samples: int, rate: int, path: Path) -> None:
    """Refuse what an encoder has made other than it was: rare ones round rates and lengths."""
    file.flush()
    try:
        written = soundfile.info(file.name)
        what = (written.frames, written.samplerate)
    except soundfile.SoundFileError:
        what = None
    if what != (n_samples, rate):
        became = "cannot be read" if what is None else f"became {what[0]} samples at {what[1]} Hz"
        raise AudioError(
            f"{n_samples} samples at {rate} Hz do not fit this format: the file {became}. Write "
            "another one, such as .wav or .flac, or another subtype",
            str(path),
        )


def _check_encoding(path: Path, audio_format: str, rate: float, subtype: str | None) -> None:
    if audio_format not in soundfile.available_formats() or audio_format in _UNWRITTEN:
        raise AudioError(
            f"its ending {path.suffix!r} names no format; .wav, .flac, .ogg, .mp3 or .aiff is "
            "wanted",
            str(path),
        )
    if subtype is not None and subtype not in soundfile.available_subtypes(audio_format):
        known = ", ".join(soundfile.available_subtypes(audio_format))
        raise AudioError(
            f"subtype={subtype!r} is none of {audio_format}, which has {known}", str(path)
        )
    if audio_format == "MP3" and rate not in PLAYABLE_RATES:
        raise AudioError(
            f"its rate is {rate:g} Hz, and MP3 has {', '.join(map(str, PLAYABLE_RATES))}. Put a "
            "Resampler before, or write another format",
            str(path),
        )
    if audio_format == "OGG" and rate > _HIGHEST_RATE_OF_OGG:
        raise AudioError(
            f"its rate is {rate:g} Hz, and OGG has up to {_HIGHEST_RATE_OF_OGG}. Put a Resampler "
            "before, or write another format",
            str(path),
        )
    if not (rate == int(rate) < 2**31):
        raise AudioError(
            f"its rate is {rate!r} Hz, and files have a whole number below 2**31. Put a Resampler "
            "before",
            str(path),
        )


def _within_full_scale(samples: np.ndarray, clipping: str, path: str) -> np.ndarray:
    peak = float(np.abs(samples).max())
    if peak <= 1:
        return samples
    if clipping == "scale":
        return samples / peak
    if clipping == "clip":
        return np.clip(samples, -1, 1)
    raise AudioError(
        f"its peak is {peak:.6g}, and a file of this encoding holds samples from -1 to 1. Give "
        "clipping='scale' (softer as a whole) or 'clip' (distorted), or subtype='FLOAT' where the "
        "format has it",
        path,
    )
