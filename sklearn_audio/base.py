"""What steps and extractors are made of: kinds of X, tags, names, parameters.

*Conventions.* An estimator answers in the kind it was given: a 2-D array
``(n_signals, n_samples)``, a list (or object array) of 1-D arrays, or a `SignalBatch`. Steps and
extractors look at one signal at a time and learn nothing, so ``fit`` only validates.

A step of your own is a `SignalTransformer` with a ``process`` method. A feature of your own is
a `sklearn_audio.features.SpectrumExtractor` or `sklearn_audio.features.WaveformExtractor`.

This is the only module that imports private parts of scikit-learn.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import metadata
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self, dataclass_transform

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils._set_output import ADAPTERS_MANAGER, _get_output_config

from .errors import AudioError, NonFiniteAudioError
from .evaluation import Branch, evaluate
from .keys import digest_of_definition
from .kinds import as_batch, validate_signals
from .parameters import normalised, with_inherited_parameters
from .signals import Signal, index_of, located, read
from .summaries import statistic_names, summarize, validate_summary

__all__ = [
    "AudioTransformer",
    "DocumentationLinkMixin",
    "Domain",
    "FeatureExtractor",
    "Frames",
    "Interval",
    "Options",
    "SignalTransformer",
    "StrOptions",
    "ValueAxis",
    "in_output_container",
]


class DocumentationLinkMixin:
    """Leads from the diagram of an estimator to its page in the documentation of this package.

    Estimators that the package has by name have a page. A class of somebody else's has none.
    """

    def _get_doc_link(self) -> str:
        # All that diagrams of scikit-learn ask for, whatever the version: "" is no link.
        name = type(self).__name__
        address = _documentation_address()
        if not address or getattr(import_module(__package__), name, None) is not type(self):
            return ""
        return f"{address}generated/{__package__}.{name}.html"


@cache
def _documentation_address() -> str:
    """Return where the documentation is, from the metadata of the package; "" if unknown."""
    links = metadata(__package__).get_all("Project-URL") or []
    return dict(link.split(", ", 1) for link in links).get("Documentation", "")


class AudioTransformer(DocumentationLinkMixin, TransformerMixin, BaseEstimator, ABC):
    """What all transformers of the package share: validation, identity, tags, output containers.

    They learn nothing from signals, unless they have a ``fit`` of their own.
    """

    # To be raised whenever a class makes other numbers of the same signal than before, so that
    # rows that are kept from then are not taken for its own. Raising that of a base is enough.
    revision = 1

    # Parameters that change how a result is computed, but not the result.
    _parameters_without_effect: tuple[str, ...] = ("n_jobs",)
    _parameter_constraints: dict[str, list[Any]] = {}
    _definition: ClassVar[bytes | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # scikit-learn would wrap whatever a transform returns into a DataFrame, batches and
        # lists of frames too; rows are wrapped by `in_output_container` instead.
        super().__init_subclass__(auto_wrap_output_keys=None, **kwargs)
        # Taken now, while the source is still that of the class.
        cls._definition = digest_of_definition(cls)

    def fit(self, X: Any, y: Any = None) -> Self:
        """Validate the parameters and, where X is in memory, the signals; learn nothing.

        Parameters
        ----------
        X : ndarray of shape (n_signals, n_samples), list of 1-D arrays, or SignalBatch
            The signals. Those of a batch are not read.
        y : None
            Ignored.

        Returns
        -------
        self : AudioTransformer
            This estimator.

        Raises
        ------
        AudioError
            For a signal that is empty, not 1-D or not finite.
        """
        self.validate_parameters()
        validate_signals(X)
        return self

    def set_output(self, *, transform: str | None = None) -> Self:
        """Choose the container of rows; batches, signals and frames stay what they are.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None, default=None
            The container, or None to leave the choice as it is.

        Returns
        -------
        self : AudioTransformer
            This estimator.
        """
        if transform is not None:
            if not hasattr(self, "_sklearn_output_config"):
                self._sklearn_output_config = {}
            self._sklearn_output_config["transform"] = transform
        return self

    @classmethod
    @cache
    def _get_param_names(cls) -> list[str]:
        # scikit-learn inspects the signature of __init__ at each call.
        return super()._get_param_names()

    def validate_parameters(self) -> None:
        """Raise a ValueError or TypeError for parameters that are wrong, saying what is allowed."""
        self._validate_params()

    def identity(self) -> tuple:
        """Return what is equal for two estimators that do the same.

        Returns
        -------
        identity : tuple
            The qualified name of the class and its normalised parameters.
        """
        parameters = sorted(self.get_params(deep=False).items())
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            *(
                (name, normalised(value))
                for name, value in parameters
                if name not in self._parameters_without_effect
            ),
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


class SignalTransformer(AudioTransformer):
    """Base of the steps: transformers from signal to signal.

    A subclass has keyword parameters and the method ``process``, a pure function of one signal
    and these parameters. It must not write into the signal's samples.

    See Also
    --------
    sklearn_audio.features.SpectrumExtractor : Base of features of the spectrum.
    sklearn_audio.features.WaveformExtractor : Base of features of the samples.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import Signal
    >>> from sklearn_audio.base import SignalTransformer
    >>> class Reverser(SignalTransformer):
    ...     def process(self, signal):
    ...         return Signal(signal.samples[::-1], signal.rate)
    >>> Reverser().fit_transform(np.array([[1.0, 2.0, 3.0]]))
    array([[3., 2., 1.]], dtype=float32)
    """

    @abstractmethod
    def process(self, signal: Signal) -> Signal:
        """Return the processed signal.

        Parameters
        ----------
        signal : Signal
            One signal; its samples are read-only.

        Returns
        -------
        signal : Signal
            A new signal.
        """

    def transform(self, X: Any) -> Any:
        """Process signals.

        Parameters
        ----------
        X : ndarray of shape (n_signals, n_samples), list of 1-D arrays, or SignalBatch
            The signals.

        Returns
        -------
        X_processed : the same kind as X
            Float32 signals. A batch comes back with one more step, and nothing is read.

        Raises
        ------
        AudioError
            For a signal that cannot be processed, naming it.
        """
        self.validate_parameters()
        batch = as_batch(X)
        if batch is X:
            return batch.then(clone(self))
        processed = []
        for position, source in enumerate(batch.sources):
            with located(source, position):
                processed.append(np.array(self.process(read(source)).samples))
        as_rows = not isinstance(X, (list, tuple)) and np.ndim(X) == 2
        # A step that changes lengths one by one says so in its tags.
        if not as_rows or not get_tags(self).input_tags.two_d_array:
            return processed
        return np.array(processed) if processed else np.empty(np.shape(X), dtype=np.float32)

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Return the names that came in: a signal stays one thing, whatever a step does to it.

        Parameters
        ----------
        input_features : sequence of str or None, default=None
            Names that a Pipeline hands on.

        Returns
        -------
        names : ndarray of str, dtype object
            The same names; ``["signal"]`` without any.
        """
        return np.asarray(["signal"] if input_features is None else input_features, dtype=object)


class Domain(Protocol):
    """What extractors look at: the waveform, or a spectrum with its settings.

    Extractors of equal domain are computed together, so that they share the spectrum.
    """

    def frames(self, signal: Signal, extractors: Sequence[Any]) -> Iterable[np.ndarray]:
        """Return what each extractor makes of a signal.

        Parameters
        ----------
        signal : Signal
            The signal.
        extractors : sequence of FeatureExtractor
            What to compute.

        Returns
        -------
        frames : iterable of ndarray of shape (n_frames, n_values), dtype float32
            One an extractor.
        """


class ValueAxis(NamedTuple):
    """Where the values of a frame lie, for pictures of frames.

    Parameters
    ----------
    label : str
        What is measured along it, with its unit.
    positions : ndarray of shape (n_values,)
        Of the middle of each value, ascending.
    scale : {"linear", "log", "mel"}, default="linear"
        How it is drawn.
    """

    label: str
    positions: np.ndarray
    scale: Literal["linear", "log", "mel"] = "linear"


class Frames(list):
    """A list of the frames of signals that knows what their values are called.

    Parameters
    ----------
    frames : list of ndarray of shape (n_frames, n_values)
        One array a signal.
    value_names : list of str
        The names of the values.
    """

    def __init__(self, frames: Iterable[np.ndarray], value_names: Sequence[str]) -> None:
        super().__init__(frames)
        self.value_names = list(value_names)


_with_fields_as_parameters = dataclass(kw_only=True, eq=False, repr=False)


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(field,))
@_with_fields_as_parameters
class FeatureExtractor(AudioTransformer):
    """Base of the extractors: transformers from signal to frames to a row of statistics.

    Features are written as a `sklearn_audio.features.SpectrumExtractor` or a
    `sklearn_audio.features.WaveformExtractor`; this class is what all share.

    The parameters of an extractor are its fields: ``n_bands: int = 6`` in the body of a class is
    a keyword of its ``__init__``, beside those of its bases, and so is their documentation.

    Parameters
    ----------
    sample_rate : float or None, default=None
        Rate of the signals in Hz. Needed for plain arrays by features that depend on it; an
        error where it contradicts a batch.
    n_jobs : int or None, default=None
        Processes over which signals are spread, as in joblib.
    """

    sample_rate: float | None = None
    n_jobs: int | None = None

    # That of the values, as axes of pictures name it; a tuple, one for each, where they differ.
    unit: ClassVar[str | tuple[str, ...]] = ""

    # A parameter of extractors of frames. Where it is empty there is but one frame, of the whole
    # signal, and it is the row.
    summary: Sequence[str] | None = field(init=False, default=())

    _parameter_constraints = {
        "sample_rate": [Interval(Real, 0, None, closed="neither"), None],
        "n_jobs": [Integral, None],
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _with_fields_as_parameters(cls)
        if "__doc__" in vars(cls) and cls.__doc__:
            cls.__doc__ = with_inherited_parameters(cls)

    @abstractmethod
    def domain(self) -> Domain:
        """Return what this extractor looks at; equal domains are shared.

        Returns
        -------
        domain : Domain
            Hashable, equal where the settings are.
        """

    @abstractmethod
    def value_names(self) -> list[str]:
        """Return the name of each value of a frame.

        Returns
        -------
        names : list of str
            As many as a frame has values, known from the parameters alone.
        """

    def units(self) -> list[str]:
        """Return the unit of each value of a frame.

        Returns
        -------
        units : list of str
            As many as ``value_names``; empty strings for values without one.
        """
        n_values = len(self.value_names())
        return [self.unit] * n_values if isinstance(self.unit, str) else list(self.unit)

    def frame_times(self, n_frames: int, rate: float) -> np.ndarray:
        """Return when frames are: the time of the middle of each.

        Parameters
        ----------
        n_frames : int
            How many.
        rate : float
            Rate of the signal in Hz.

        Returns
        -------
        times : ndarray of shape (n_frames,), dtype float64
            In seconds from the beginning of the signal.

        Raises
        ------
        NotImplementedError
            For features of the whole signal, and those that do not say how they frame it.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say when its frames are. Give it a method "
            "frame_times, unless it describes the whole signal"
        )

    def value_axis(self, rate: float) -> ValueAxis | None:
        """Return where the values of a frame lie: frequencies of bands, for example.

        Parameters
        ----------
        rate : float
            Rate of the signal in Hz.

        Returns
        -------
        axis : ValueAxis or None
            None where the values have names only.
        """
        return None

    def transform(self, X: Any) -> Any:
        """Extract one row a signal.

        Parameters
        ----------
        X : ndarray of shape (n_signals, n_samples), list of 1-D arrays, or SignalBatch
            The signals.

        Returns
        -------
        X_features : ndarray of shape (n_signals, n_columns), dtype float32
            One row a signal, or a DataFrame after ``set_output``. With ``summary=None``, `Frames`:
            a list of float32 arrays of shape (n_frames, n_values).

        Raises
        ------
        AudioError
            For a signal that cannot be read or computed, naming it; for signals of different
            rates; for plain arrays without ``sample_rate`` where the rate matters.
        """
        batch = as_batch(X)
        branch = Branch(batch.steps, self)
        features = evaluate(batch, [branch], self.n_jobs)[branch.identity]
        if self.summary is None:
            return Frames(features, self.value_names())
        return in_output_container(self, features, batch)

    def row(self, frames: np.ndarray) -> np.ndarray:
        """Return what is kept of the frames of one signal: its statistics, or all of them.

        Parameters
        ----------
        frames : ndarray of shape (n_frames, n_values), dtype float32
            The frames.

        Returns
        -------
        row : ndarray, dtype float32
            Of shape (n_columns,), or the frames where ``summary`` is None.

        Raises
        ------
        AudioError
            For frames that do not fit the names of their values, or are not finite.
        """
        n_values = len(self.value_names())
        if frames.ndim != 2 or len(frames) == 0 or frames.shape[1] != n_values:
            raise AudioError(
                f"{type(self).__name__} made frames of the shape {frames.shape}, but names "
                f"{n_values} values; (n_frames, {n_values}) is wanted"
            )
        if not (np.isfinite(frames.min()) and np.isfinite(frames.max())):
            raise NonFiniteAudioError(
                f"{type(self).__name__} made values that are NaN or infinite of it"
            )
        if self.summary is None:
            return frames
        if self.summary:
            return summarize(frames, self.summary)
        if len(frames) > 1:
            raise AudioError(
                f"{type(self).__name__} made {len(frames)} frames, but describes the whole signal "
                "in one. Give it a field summary for statistics over frames"
            )
        return frames[0]

    def collect(self, rows: list[np.ndarray | None]) -> Any:
        """Put the rows of all signals together.

        Parameters
        ----------
        rows : list of (ndarray or None)
            What `row` returned for each signal; None for one that failed, which becomes NaN.

        Returns
        -------
        features : ndarray of shape (n_signals, n_columns), or the list of frames
            The rows.
        """
        n_columns = len(self.get_feature_names_out())
        if self.summary is None:
            frame = np.full((1, n_columns), np.nan, dtype=np.float32)
            return [frame if frames is None else frames for frames in rows]
        failed = np.full(n_columns, np.nan, dtype=np.float32)
        complete = [failed if row is None else row for row in rows]
        return np.array(complete, dtype=np.float32).reshape(len(rows), n_columns)

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Return the name of each column.

        Parameters
        ----------
        input_features : None
            Ignored; here because scikit-learn hands it on.

        Returns
        -------
        names : ndarray of str, dtype object
            ``value_statistic`` for each statistic and value, all values of the first statistic
            first; with ``summary=None`` the names of the values.
        """
        names = self.value_names()
        if self.summary:
            names = statistic_names(names, self.summary)
        return np.asarray(names, dtype=object)

    def validate_parameters(self) -> None:
        super().validate_parameters()
        if "summary" in self._get_param_names():
            validate_summary(self.summary)


def in_output_container(estimator: Any, rows: np.ndarray, X: Any) -> Any:
    """Return rows in the container that ``set_output`` or the global configuration asks for.

    Parameters
    ----------
    estimator : estimator
        Has ``get_feature_names_out``.
    rows : ndarray of shape (n_signals, n_columns)
        The rows.
    X : any kind of signals
        Gives the index, where it has one.

    Returns
    -------
    rows : ndarray or DataFrame
        The same numbers.
    """
    container = _get_output_config("transform", estimator)["dense"]
    if container == "default":
        return rows
    adapter = ADAPTERS_MANAGER.adapters[container]
    table = adapter.create_container(rows, X, columns=estimator.get_feature_names_out())
    index = index_of(X)
    if container == "pandas" and index is not None:
        table.index = index
    return table
