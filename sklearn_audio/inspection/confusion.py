"""How the recordings sound that a classifier takes for something else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from pandas import DataFrame, Index
from sklearn.base import is_classifier

from ..errors import AudioError
from ..markup import player, waveform_svg
from ..pipelines import heads, loaded, unwrapped
from ..signals import SignalBatch
from .stages import fitted_stages, transformed

# Grey that is seen on a light ground and on a dark one.
_CELL = "text-align:left;vertical-align:middle;padding:4px 8px;border-top:1px solid #8886"


class ConfusionPlayer:
    """The recordings that a classifier takes for something else, to be looked at and heard.

    A notebook shows it as a table with a waveform and a player for each recording. Made by
    `confusion_player`.

    Parameters
    ----------
    table : DataFrame
        A row a misclassified recording, in the order in which they are shown, with the columns
        position (in X, counted from 0), source (the name of the recording), true, predicted and
        margin: by how much more the model believes what it predicts than what is true, as a
        probability or in units of its decision function; NaN where it tells neither.
    n_recordings : int
        How many recordings were classified, those that are right too.
    signals : SignalBatch
        The sound of the first rows of the table. The others have no player.
    sample_rate : float or None, default=None
        The rate in Hz of signals that do not know theirs. Without it they have no player.
    seconds : float or None, default=None
        Play no more than that of a recording; None for all.

    See Also
    --------
    confusion_player : Finds the recordings.

    Examples
    --------
    >>> from pandas import DataFrame
    >>> from sklearn_audio import Signal, SignalBatch
    >>> from sklearn_audio.inspection import ConfusionPlayer
    >>> table = DataFrame({
    ...     "position": [3], "source": ["bark.wav"], "true": ["dog"], "predicted": ["cat"],
    ...     "margin": [0.6],
    ... })
    >>> ConfusionPlayer(table=table, n_recordings=8, signals=SignalBatch([Signal([0.5], 8000)]))
    1 of 8 recordings misclassified, worst first, by the margin of the predicted class
     position   source true predicted  margin
            3 bark.wav  dog       cat     0.6
    """

    def __init__(
        self,
        *,
        table: DataFrame,
        n_recordings: int,
        signals: SignalBatch,
        sample_rate: float | None = None,
        seconds: float | None = None,
    ) -> None:
        self.table = table
        self.n_recordings = n_recordings
        self.signals = signals
        self.sample_rate = sample_rate
        self.seconds = seconds

    def __repr__(self) -> str:
        if self.table.empty:
            return self._headline()
        return f"{self._headline()}\n{self._shown().to_string(index=False)}"

    def _repr_html_(self) -> str:
        headline = f"<p>{escape(self._headline())}</p>"
        if self.table.empty:
            return headline
        names = ("recording", "true", "predicted", "margin", "waveform", "sound")
        header = "".join(f'<th scope="col" style="{_CELL}">{name}</th>' for name in names)
        rows = "".join(
            self._row_html(row, offset) for offset, row in enumerate(self._shown().itertuples())
        )
        return (
            f'{headline}<table style="border-collapse:collapse"><thead><tr>{header}</tr></thead>'
            f"<tbody>{rows}</tbody></table>"
        )

    def _row_html(self, row: Any, offset: int) -> str:
        # The folders above tell more of the computer than of the recording.
        name = escape("/".join(Path(str(row.source)).parts[-2:]))
        waveform, sound = self._sound_html(offset)
        cells = [
            f"{name} <small>X[{row.position}]</small>",
            escape(str(row.true)),
            escape(str(row.predicted)),
            "" if np.isnan(row.margin) else f"{row.margin:#.3g}",
            waveform,
            # As wide as a player, so that a note stands below it.
            f'<div style="max-width:300px">{sound}</div>',
        ]
        return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"

    def _sound_html(self, offset: int) -> tuple[str, str]:
        """Return the waveform and the player of a recording, or what is wrong with it."""
        try:
            signal = self.signals[offset]
            waveform = waveform_svg(signal.samples)
            rate = signal.rate or self.sample_rate
            if rate is None:
                return waveform, "<small>the rate is not known: plain arrays carry none</small>"
            return waveform, player(signal.samples, rate, seconds=self.seconds)
        except AudioError as error:
            message = f"{type(error).__name__}: {error.reason}"
            return "", f"<small>{escape(message)}</small>"

    def _shown(self) -> DataFrame:
        return self.table.head(len(self.signals))

    def _headline(self) -> str:
        n_wrong = len(self.table)
        if n_wrong == 0:
            return f"all {self.n_recordings} recordings are classified right"
        known = self.table["margin"].notna().any()
        order = (
            "worst first, by the margin of the predicted class" if known else "in the order of X"
        )
        headline = f"{n_wrong} of {self.n_recordings} recordings misclassified, {order}"
        n_hidden = n_wrong - len(self.signals)
        return f"{headline}; {n_hidden} more not shown" if n_hidden else headline


def confusion_player(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    n_players: int = 20,
    display_labels: Sequence[str] | None = None,
    seconds: float | None = 10.0,
) -> ConfusionPlayer:
    """Let the recordings be heard that a fitted classifier takes for something else.

    Worst first: by how much more the model believes the class that it predicts than the true one.
    Look at the top of it for wrong labels and broken recordings.

    The features are computed once. What is played is the recording before any step.

    Parameters
    ----------
    estimator : estimator
        A fitted Pipeline that ends with a classifier, or a fitted search over one, whose best
        estimator is looked at.
    X : list, array, Series, DataFrame or SignalBatch
        Recordings or signals, as the estimator takes them.
    y : array-like of shape (n_recordings,)
        Their true labels, among those that the classifier has learned.
    n_players : int, default=20
        How many recordings are shown at most; the table of the answer holds all.
    display_labels : sequence of str or None, default=None
        Names of the classes, in the order of ``classes_``, such as the ``target_names`` of a data
        set; None for the labels themselves.
    seconds : float or None, default=10.0
        Play no more than that of a recording, so that a notebook stays small; None for all.

    Returns
    -------
    confusion : ConfusionPlayer
        A notebook shows players; ``table`` is a DataFrame of all misclassified recordings.

    Raises
    ------
    NotFittedError
        Where the estimator is not fitted.
    ValueError
        For something other than a classifier, for labels that it has not learned, for more than
        one label a recording, and where lengths do not fit.

    Notes
    -----
    The margin is a difference of probabilities where the classifier has ``predict_proba``,
    otherwise of the values of its ``decision_function``. The two need not agree with ``predict``
    (those of an SVC do not always), so a margin may be negative. Where it has neither, the
    recordings come in their order in X.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_audio import Loader, MFCCExtractor
    >>> from sklearn_audio.datasets import load_percussion
    >>> from sklearn_audio.inspection import confusion_player
    >>> data = load_percussion()
    >>> model = make_pipeline(Loader(), MFCCExtractor(), StandardScaler(), LogisticRegression())
    >>> model = model.fit(data.paths[::2], data.target[::2])
    >>> confusion = confusion_player(
    ...     model, data.paths[1::2], data.target[1::2], display_labels=data.target_names
    ... )
    >>> confusion.table.columns.tolist()
    ['position', 'source', 'true', 'predicted', 'margin']
    """
    if not isinstance(n_players, Integral) or n_players < 1:
        raise ValueError(f"n_players={n_players!r}; an int of at least 1 is wanted")
    *transformers, (_, classifier) = fitted_stages(estimator)
    if not is_classifier(classifier):
        raise ValueError(
            f"the last step of the {type(estimator).__name__} is a {type(classifier).__name__}, "
            "which is no classifier; a fitted Pipeline that ends with one is wanted"
        )
    labels = np.asarray(classifier.classes_ if display_labels is None else display_labels)
    if len(labels) != len(classifier.classes_):
        raise ValueError(
            f"display_labels holds {len(labels)} names, but the classifier has learned "
            f"{len(classifier.classes_)} classes; one a class is wanted, in the order of classes_"
        )
    batch = loaded(estimator, X)
    true = _as_classes(y, classifier, len(batch))
    features = transformed(transformers, X)
    predicted = Index(classifier.classes_).get_indexer(classifier.predict(features))
    margins = _margins(classifier, features, true, predicted)

    wrong = np.flatnonzero(predicted != true)
    wrong = wrong[np.argsort(-margins[wrong], kind="stable")]  # NaN is last
    table = DataFrame(
        {
            "position": wrong,
            "source": [_name(batch.sources[position], position) for position in wrong],
            "true": labels[true[wrong]],
            "predicted": labels[predicted[wrong]],
            "margin": margins[wrong],
        }
    )
    return ConfusionPlayer(
        table=table,
        n_recordings=len(batch),
        signals=batch[wrong[:n_players]],
        sample_rate=_told_rate(unwrapped(estimator)),
        seconds=seconds,
    )


def _as_classes(y: Any, classifier: Any, n_recordings: int) -> np.ndarray:
    """Return the position of each label in ``classes_``."""
    labels = np.asarray(y)
    if labels.shape != (n_recordings,):
        raise ValueError(
            f"y has the shape {labels.shape} and X holds {n_recordings} recordings; one label a "
            f"recording is wanted, an array of the shape ({n_recordings},)"
        )
    positions = Index(classifier.classes_).get_indexer(labels)
    if (positions < 0).any():
        raise ValueError(
            f"y holds {labels[positions < 0][0]}, which the classifier has not learned; its "
            f"classes are {', '.join(map(str, classifier.classes_))}. Leave such recordings out"
        )
    return positions


def _margins(classifier: Any, features: Any, true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return by how much more a classifier believes what it predicts than what is true."""
    methods = ("predict_proba", "decision_function")
    method = next((name for name in methods if hasattr(classifier, name)), None)
    if method is None:
        return np.full(len(true), np.nan)
    rows = np.arange(len(true))
    scores = np.asarray(getattr(classifier, method)(features))
    if scores.ndim == 1:  # how much the second of two classes is ahead of the first
        return scores * (predicted - true)
    n_classes = len(classifier.classes_)
    if n_classes > 2 and getattr(classifier, "decision_function_shape", None) == "ovo":
        # How much the first class of each pair is ahead of the second.
        ahead = np.zeros((len(true), n_classes, n_classes))
        first, second = np.triu_indices(n_classes, 1)
        ahead[:, first, second] = scores
        ahead[:, second, first] = -scores
        return ahead[rows, predicted, true]
    return scores[rows, predicted] - scores[rows, true]


def _name(source: Any, position: int) -> str:
    return getattr(source, "name", None) or f"X[{position}]"


def _told_rate(estimator: Any) -> float | None:
    """Return the rate of plain arrays as the first of the estimators that are told it has it."""
    for _, branch in heads(estimator):
        for each in (*branch.steps, branch.extractor):
            rate = getattr(each, "sample_rate", None)
            if rate is not None:
                return rate
    return None
