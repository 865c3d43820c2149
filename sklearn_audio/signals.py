"""What flows through a pipeline: signals, and batches of signals not read yet.

*Conventions.* A signal is one channel of samples, float32, full scale at -1 and 1, with its
rate in Hz. Numbers are taken as they are: integer PCM has to be divided by its full scale
first. Plain arrays carry no rate; their signals have the rate None.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import numpy as np
from pandas import DataFrame

from .errors import AudioError, EmptyAudioError, NonFiniteAudioError, UnsupportedAudioError
from .keys import digest_of

if TYPE_CHECKING:
    from .base import SignalTransformer
    from .rows import RowStore


# So that no power, and no sum of the powers of a frame of 16384 samples, is too large for float32.
LARGEST_SAMPLE = 1e15
# What a step may make of a shorter signal: 2 GiB of float32.
MOST_SAMPLES = 2**29


@dataclass(frozen=True, eq=False, repr=False)
class Signal:
    """One channel of sound.

    Parameters
    ----------
    samples : array-like of shape (n_samples,)
        Real numbers from -1e15 to 1e15, at least one. They are kept as float32, read-only.
    rate : float or None, default=None
        Samples per second (Hz); None where it is not known.

    Raises
    ------
    AudioError
        For anything else, saying what came.

    Examples
    --------
    >>> from sklearn_audio import Signal
    >>> Signal([0.0, 0.5, -0.5, 0.0], rate=8000)
    Signal(4 samples, 8000 Hz, 0.0005 s)
    """

    samples: np.ndarray
    rate: float | None = None
    file: ClassVar[None] = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", _validated_samples(self.samples))
        if self.rate is not None:
            object.__setattr__(self, "rate", validated_rate(self.rate))

    @property
    def duration(self) -> float | None:
        """Length in seconds, None where the rate is not known."""
        return None if self.rate is None else len(self.samples) / self.rate

    @property
    def known_rate(self) -> float:
        """The rate in Hz; an AudioError where it is not known."""
        if self.rate is None:
            raise AudioError(
                "the sampling rate of this signal is not known, because plain arrays carry none. "
                "Give the estimator its sample_rate (Hz), or load recordings with a Loader"
            )
        return self.rate

    def with_rate(self, sample_rate: float | None) -> Signal:
        """Return the signal at the rate that a user states, which must not contradict it.

        Parameters
        ----------
        sample_rate : float or None
            In Hz; None leaves the signal as it is.

        Returns
        -------
        signal : Signal
            The same samples.

        Raises
        ------
        AudioError
            Where the signal has another rate already.
        """
        if sample_rate is None or sample_rate == self.rate:
            return self
        if self.rate is None:
            return Signal(self.samples, sample_rate)
        raise AudioError(
            f"its rate is {self.rate:g} Hz, but sample_rate={sample_rate:g} was given. Leave "
            "sample_rate out where signals bring their rate along, or put "
            f"Resampler(target_rate={sample_rate:g}) before"
        )

    def digest(self, contents: Mapping[str, bytes]) -> bytes:
        """Return what tells this signal from all others: its samples and its rate.

        Parameters
        ----------
        contents : mapping
            Not needed; that of a recording is.

        Returns
        -------
        digest : bytes
            The same for the same samples and rate.
        """
        samples = np.ascontiguousarray(self.samples, dtype="<f4")
        return digest_of(samples) + f"samples at {self.rate}".encode()

    def declared_duration(self) -> float | None:
        """Return the length in seconds, None where the rate is not known.

        Returns
        -------
        duration : float or None
            That of the samples.
        """
        return self.duration

    def __len__(self) -> int:
        return len(self.samples)

    def _repr_html_(self) -> str:
        from .markup import html_of_signal

        return html_of_signal(self)

    def __repr__(self) -> str:
        if self.rate is None:
            return f"Signal({len(self)} samples, rate not known)"
        return f"Signal({len(self)} samples, {self.rate:g} Hz, {self.duration:.4g} s)"


class Source(Protocol):
    """Where a signal comes from: a recording, or samples in memory."""

    @property
    def name(self) -> str | None:
        """What errors call it; None where it has no name."""

    @property
    def file(self) -> str | None:
        """Path of the file that it is read from; None for what is in memory."""

    def read(self) -> Signal:
        """Return the signal; a recording is decoded anew each time."""

    def declared_duration(self) -> float | None:
        """Return seconds, without decoding; None where that is not known.

        Returns
        -------
        duration : float or None
            Of a recording, what its header declares.
        """

    def digest(self, contents: Mapping[str, bytes]) -> bytes:
        """Return what tells its signal from all others.

        Parameters
        ----------
        contents : mapping
            Digests of the content of files, by path.

        Returns
        -------
        digest : bytes
            The same for the same signal.
        """


@dataclass(frozen=True, eq=False)
class Samples:
    """A source in memory; nothing is checked or converted before it is read.

    Parameters
    ----------
    array : array-like of shape (n_samples,)
        The samples.
    rate : float or None, default=None
        In Hz.
    name : str or None, default=None
        What errors call it.
    """

    array: Any
    rate: float | None = None
    name: str | None = None
    file: ClassVar[None] = None

    def read(self) -> Signal:
        return Signal(self.array, self.rate)

    def declared_duration(self) -> float | None:
        return self.read().duration

    def digest(self, contents: Mapping[str, bytes]) -> bytes:
        return self.read().digest(contents)

    def __str__(self) -> str:
        return self.name or "samples in memory"


class SignalBatch:
    """Signals that are read when they are needed, one at a time.

    A batch is what `Loader` gives and what steps pass on: the sources of the signals and the
    steps that each signal goes through after it is read. It is immutable, and small to pickle
    where the sources are files. scikit-learn slices it like any other X.

    Parameters
    ----------
    sources : sequence of Source or Signal
        Where the signals come from.
    steps : sequence of SignalTransformer, default=()
        What each signal goes through after it is read, in this order.
    index : pandas.Index or None, default=None
        Labels of the signals, where X had some; a DataFrame of their features has them too.
    ready : mapping or None, default=None
        Results that `sklearn_audio.evaluation.evaluate` has computed for these very signals
        before. A union hands them to its branches; a slice of the batch starts without any.
    memory : RowStore or None, default=None
        Where rows of these signals are kept.
    on_error : "raise" or "nan", default="raise"
        What extractors make of a signal that cannot be used: an error, or a row of NaN.

    Attributes
    ----------
    sources : ndarray of shape (n_signals,), dtype object
        As given.
    steps : tuple of SignalTransformer
        As given.
    shape : tuple of one int
        ``(n_signals,)``.

    See Also
    --------
    Loader : Makes a batch of recordings.

    Examples
    --------
    >>> from sklearn_audio import PreEmphasis, Signal, SignalBatch
    >>> batch = SignalBatch([Signal([0.0, 0.5, 0.5], 8000), Signal([1.0, 0.0], 8000)])
    >>> batch.then(PreEmphasis())
    SignalBatch of 2 signals, not read yet
      from Signal(3 samples, 8000 Hz, 0.000375 s), ...
      then PreEmphasis()
    >>> batch[1].samples
    array([1., 0.], dtype=float32)
    >>> len(batch[:1])
    1
    """

    def __init__(
        self,
        sources: Iterable[Source | Signal],
        steps: Sequence[SignalTransformer] = (),
        *,
        index: Any = None,
        ready: Mapping[Any, Any] | None = None,
        memory: RowStore | None = None,
        on_error: Literal["raise", "nan"] = "raise",
    ) -> None:
        self.sources = _object_array(sources)
        self.steps = tuple(steps)
        self.index = index
        self.ready = {} if ready is None else ready
        self.memory = memory
        self.on_error = on_error
        # The batches that steps make of this one hold the same signals, and share what is known.
        self._errors: dict[int, AudioError] = {}

    @property
    def failures(self) -> DataFrame:
        """The signals that extractors could not use, a row each.

        They are known after an extractor has seen the batch, with ``on_error="nan"``. The columns
        are position (counted from 0), source, kind (the name of the error) and message.
        """
        return failures_table(self._errors)

    def add_failures(self, errors: Mapping[int, AudioError]) -> None:
        """Remember which signals could not be used.

        Parameters
        ----------
        errors : mapping
            By position.
        """
        for position, error in errors.items():
            self._errors.setdefault(position, error)

    @property
    def shape(self) -> tuple[int]:
        """The number of signals, as a tuple: scikit-learn asks an X for its shape."""
        return (len(self.sources),)

    def __len__(self) -> int:
        return len(self.sources)

    def then(self, step: SignalTransformer) -> SignalBatch:
        """Return a batch whose signals go through one more step; nothing is read.

        Parameters
        ----------
        step : SignalTransformer
            The step to add at the end.

        Returns
        -------
        batch : SignalBatch
            The same sources with one more step.
        """
        return self._with(steps=(*self.steps, step))

    def having(self, ready: Mapping[Any, Any]) -> SignalBatch:
        """Return a batch that has more results ready.

        Parameters
        ----------
        ready : mapping
            Results for these very signals.

        Returns
        -------
        batch : SignalBatch
            The same signals.
        """
        return self._with(ready={**self.ready, **ready})

    def _with(self, **changes: Any) -> SignalBatch:
        batch = copy(self)
        vars(batch).update(changes)
        return batch

    def __getitem__(self, key: Any) -> Any:
        """Return one signal, evaluated (int), or a batch of some of them (anything else)."""
        if isinstance(key, tuple):
            # scikit-learn asks for X[indices, ...], which on one axis is X[indices].
            axes = [part for part in key if part is not Ellipsis]
            if len(axes) != 1:
                raise IndexError(f"a SignalBatch has one axis, not {len(axes)}: batch[{key!r}]")
            key = axes[0]
        if not isinstance(key, slice):
            key = np.asarray(key)
            if key.ndim == 0 and key.dtype.kind in "iu":
                return self._evaluated(self.position_of(key))
            if key.size == 0:
                key = key.astype(int)
            if key.ndim != 1 or key.dtype.kind not in "iub":
                raise IndexError(
                    "a SignalBatch is indexed by an int, a slice, a list or 1-D array of ints, or "
                    f"a boolean mask, not by {key!r}"
                )
        index = None if self.index is None else self.index[key]
        return self._with(sources=self.sources[key], index=index, ready={}, _errors={})

    def position_of(self, index: int) -> int:
        """Return where a signal is, counted from 0.

        Parameters
        ----------
        index : int
            Counted from the end where it is negative.

        Returns
        -------
        position : int
            At least 0.

        Raises
        ------
        IndexError
            Where there is no such signal.
        TypeError
            For something that is no int.
        """
        try:
            return range(len(self))[operator.index(index)]
        except IndexError:
            raise IndexError(
                f"there is no signal {index}: the SignalBatch has {len(self)}, counted from 0"
            ) from None

    def __iter__(self) -> Iterator[Signal]:
        return (self._evaluated(position) for position in range(len(self)))

    def _evaluated(self, position: int) -> Signal:
        with located(self.sources[position], position):
            signal = read(self.sources[position])
            for step in self.steps:
                signal = step.process(signal)
            return signal

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise TypeError(
            f"a SignalBatch of {len(self)} signals was asked to become one array, which would "
            "load every recording into memory. Put an extractor (for example MFCCExtractor) "
            "before a step that works on numbers, or take the signals one by one: "
            "[signal.samples for signal in batch]."
        )

    def _repr_html_(self) -> str:
        from .markup import html_of_batch

        return html_of_batch(self)

    def __repr__(self) -> str:
        count = f"{len(self)} signal" + ("" if len(self) == 1 else "s")
        lines = [f"SignalBatch of {count}, not read yet"]
        if len(self):
            more = ", ..." if len(self) > 1 else ""
            lines.append(f"  from {self.sources[0]}{more}")
        lines.extend(f"  then {step}" for step in self.steps)
        return "\n".join(lines)


def failures_table(errors: Mapping[int, AudioError]) -> DataFrame:
    """Return errors as a table.

    Parameters
    ----------
    errors : mapping
        By position.

    Returns
    -------
    failures : DataFrame
        With the columns position, source, kind and message, by position.
    """
    rows = [
        (position, error.source, type(error).__name__, error.reason)
        for position, error in sorted(errors.items(), key=lambda item: item[0])
    ]
    return DataFrame(rows, columns=["position", "source", "kind", "message"])


def read(source: Source | Signal) -> Signal:
    """Return the signal of a source; a Signal is its own source.

    Parameters
    ----------
    source : Source or Signal
        Where the signal comes from.

    Returns
    -------
    signal : Signal
        The signal.
    """
    return source if isinstance(source, Signal) else source.read()


@contextmanager
def located(source: Any, position: int) -> Iterator[None]:
    """Tell an error which signal it is about.

    An AudioError gets its source and its position in X. Any other error keeps its type and
    gets a note, so that no traceback out of a million files leaves open which one it was.

    Parameters
    ----------
    source : Source, Signal, or what a Loader is given
        Where the signal comes from.
    position : int
        Its position in X.
    """
    name = source if isinstance(source, str) else getattr(source, "name", None)
    if not isinstance(name, str):
        name = None
    try:
        yield
    except AudioError as error:
        raise error.at(name, position) from error.__cause__
    except Exception as error:
        error.add_note(f"while computing X[{position}]" + (f", {name}" if name else ""))
        raise


def stretch(signal: Signal, start: float | None, end: float | None) -> tuple[Signal, float]:
    """Return a stretch of a signal, to look at it closely.

    Parameters
    ----------
    signal : Signal
        Of known rate.
    start, end : float or None
        In seconds; None for the beginning and the end of the signal.

    Returns
    -------
    stretch : Signal
        The samples in between.
    first : float
        Where it begins, in seconds.

    Raises
    ------
    AudioError
        Where no sample lies in the stretch.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import Signal
    >>> from sklearn_audio.signals import stretch
    >>> stretch(Signal(np.zeros(8000), 8000), 0.25, None)
    (Signal(6000 samples, 8000 Hz, 0.75 s), 0.25)
    """
    if start is None and end is None:
        return signal, 0.0
    rate, duration = signal.known_rate, len(signal) / signal.known_rate
    begin = 0.0 if start is None else start
    stop = duration if end is None else end
    # Not a number is neither smaller nor larger.
    if begin < stop and begin < duration and stop > 0:
        first = max(0, round(begin * rate))
        samples = signal.samples[first : round(min(stop, duration) * rate)]
        if len(samples):
            return Signal(samples, rate), first / rate
    raise AudioError(
        f"no sample lies from start={start} to end={end} s; the signal has {duration:g} s"
    )


def validated_rate(rate: Any) -> float:
    """Return a sampling rate in Hz as a number, an int where it is a whole one.

    Parameters
    ----------
    rate : number
        What came.

    Returns
    -------
    rate : float or int
        Positive and finite.
    """
    try:
        number = float(rate)
    except (TypeError, ValueError, OverflowError):
        number = np.nan
    if not (np.isfinite(number) and number > 0):
        raise AudioError(f"the sampling rate is {rate!r}; a positive number of Hz is needed")
    return int(number) if number.is_integer() else number


def _validated_samples(array: Any) -> np.ndarray:
    """Return samples as 1-D float32, read-only; the one place where signals are checked."""
    try:
        samples = np.asarray(array)
        if samples.dtype.kind in "cUSmMV":
            raise TypeError(f"its dtype is {samples.dtype}")
        with np.errstate(over="ignore"):  # what is too large for float32 is found below
            samples = samples.astype(np.float32, copy=False)
    except (TypeError, ValueError) as error:
        raise UnsupportedAudioError(
            f"a signal holds real numbers; this one does not ({error})"
        ) from error
    if samples.ndim != 1:
        raise UnsupportedAudioError(
            f"a signal is one channel, a 1-D array; this one has the shape {samples.shape}. "
            f"{_advice_on_channels(samples)}"
        )
    if samples.size == 0:
        raise EmptyAudioError("the signal is empty; at least one sample is needed")
    if np.ma.is_masked(array):
        position = int(np.flatnonzero(np.ma.getmaskarray(array))[0])
        raise NonFiniteAudioError(
            f"sample {position} is masked, but a signal has no gaps. Fill them, for example with "
            "silence, samples.filled(0), or leave out this recording"
        )
    # NaN compares false, so this finds it too, without an array of truth values.
    if not (samples.min() >= -LARGEST_SAMPLE and samples.max() <= LARGEST_SAMPLE):
        position = int(np.flatnonzero(~(np.abs(samples) <= LARGEST_SAMPLE))[0])
        with np.errstate(over="ignore"):
            value = np.float64(np.asarray(array)[position])
        raise NonFiniteAudioError(
            f"sample {position} is NaN, infinite or beyond {LARGEST_SAMPLE:g} "
            f"({value:g}); full scale is 1, so mend, scale or leave out this "
            "recording"
        )
    samples = samples.view()
    samples.flags.writeable = False
    return samples


def _advice_on_channels(samples: np.ndarray) -> str:
    if samples.ndim == 0:
        return "A list or array of samples is wanted"
    # A recording has more samples than channels.
    mean = f", samples.mean(axis={int(np.argmin(samples.shape))})" if samples.ndim == 2 else ""
    return f"Average the channels first{mean}, or give one signal a channel"


def index_of(X: Any) -> Any:
    """Return the labels that an X of pandas, or a batch made of one, gives its rows.

    Parameters
    ----------
    X : object
        What an estimator was given.

    Returns
    -------
    index : pandas.Index or None
        None where the rows have no labels.
    """
    index = getattr(X, "index", None)
    return None if callable(index) else index  # the index of a list is a method


def _object_array(items: Iterable[Any]) -> np.ndarray:
    array = np.fromiter(items, dtype=object)
    for position, item in enumerate(array):
        if not hasattr(item, "read") and not isinstance(item, Signal):
            raise AudioError(
                f"a source of a SignalBatch is a Signal or what a Loader makes, not "
                f"{type(item).__name__}. For recordings write Loader().transform(paths)",
                position=position,
            )
    array.flags.writeable = False
    return array
