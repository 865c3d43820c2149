"""How much a model needs each of its extractors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin, is_classifier, is_regressor
from sklearn.inspection import permutation_importance
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import Bunch, check_consistent_length

from ..base import FeatureExtractor
from ..extras import required
from ..pipelines import is_keyword
from ..plotting.display import BLUE, axes_or_new
from .stages import fitted_stages, fitted_steps, transformed


class FeatureImportanceDisplay:
    """A bar for each extractor: how much worse the model is without what it says.

    Made by `feature_importance_by_group`.

    Parameters
    ----------
    importances : Bunch
        What `sklearn.inspection.permutation_importance` gives, a row a group: ``importances`` of
        shape (n_groups, n_repeats), and ``importances_mean`` and ``importances_std`` of shape
        (n_groups,).
    group_names : sequence of str
        The name of each group.
    n_columns : ndarray of int of shape (n_groups,)
        How many columns each group has.
    quantity : str, default="decrease of score"
        What an importance is.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What is drawn on.
    figure_ : matplotlib Figure
        The figure of it.
    bars_ : matplotlib BarContainer
        The bars, from the bottom, which is the smallest, to the top.

    See Also
    --------
    feature_importance_by_group : Computes the importances and shows them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.utils import Bunch
    >>> from sklearn_audio.inspection import FeatureImportanceDisplay
    >>> each = np.array([[0.1, 0.2], [0.4, 0.5]])
    >>> importances = Bunch(
    ...     importances=each, importances_mean=each.mean(axis=1), importances_std=each.std(axis=1)
    ... )
    >>> display = FeatureImportanceDisplay(
    ...     importances=importances, group_names=["rms", "mfcc"], n_columns=np.array([2, 78])
    ... )
    >>> [label.get_text() for label in display.plot().ax_.get_yticklabels()]
    ['rms (2)', 'mfcc (78)']
    """

    def __init__(
        self,
        *,
        importances: Bunch,
        group_names: Sequence[str],
        n_columns: np.ndarray,
        quantity: str = "decrease of score",
    ) -> None:
        self.importances = importances
        self.group_names = group_names
        self.n_columns = n_columns
        self.quantity = quantity

    def plot(self, ax: Any = None) -> Self:
        """Draw the bars, the largest on top.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None for a new figure.

        Returns
        -------
        self : FeatureImportanceDisplay
            This display.
        """
        pyplot = required("matplotlib.pyplot")
        # Of equal ones the first is on top too.
        order = np.argsort(-self.importances.importances_mean, kind="stable")[::-1]
        labels = [f"{self.group_names[group]} ({self.n_columns[group]})" for group in order]
        # Room for the longest label, and for every bar.
        size = (4.5 + 0.08 * max(map(len, labels)), 1.4 + 0.4 * len(labels))
        ax = axes_or_new(ax, size=size)
        edge = pyplot.rcParams["axes.edgecolor"]  # is seen on a dark ground too
        self.bars_ = ax.barh(
            labels,
            self.importances.importances_mean[order],
            xerr=self.importances.importances_std[order],
            height=0.6,
            color=BLUE,
            ecolor=edge,
            capsize=3,
        )
        ax.axvline(0, color=edge, linewidth=0.8)
        n_repeats = self.importances.importances.shape[1]
        ax.set(
            xlabel=f"{self.quantity}\n(mean ± std of {n_repeats} permutations)",
            ylabel="extractor (columns)",
        )
        self.ax_ = ax
        self.figure_ = ax.figure
        return self


def feature_importance_by_group(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    scoring: Any = None,
    n_repeats: int = 5,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    ax: Any = None,
) -> FeatureImportanceDisplay:
    """Show how much worse a fitted model is when the columns of one extractor are shuffled.

    That is permutation importance, computed by `sklearn.inspection.permutation_importance`, with
    all columns of an extractor shuffled together: each recording gets them of another one. Shuffled
    one by one, the columns of an extractor stand in for each other, and none seems to matter.

    The features are computed once. What is fitted behind them predicts anew for each permutation.

    Parameters
    ----------
    estimator : estimator
        A fitted Pipeline with an extractor or a union of them, of this package or of
        scikit-learn, or a fitted search over one, whose best estimator is looked at.
    X : list, array, Series, DataFrame or SignalBatch
        Recordings or signals, as the estimator takes them. Take some that it was not fitted on:
        with its own training data, what it has learned by heart seems important.
    y : array-like of shape (n_recordings,)
        Their labels or targets.
    scoring : str, callable or None, default=None
        One score, as in scikit-learn. None for the score of the estimator: what a search was made
        with, otherwise the accuracy of a classifier and R² of a regressor.
    n_repeats : int, default=5
        How often each group is shuffled.
    random_state : int, RandomState instance or None, default=None
        An int gives the same importances on every call.
    n_jobs : int or None, default=None
        Processes over which the groups are spread, as in joblib.
    ax : matplotlib Axes or None, default=None
        Where to draw; None for a new figure.

    Returns
    -------
    display : FeatureImportanceDisplay
        With ``importances``, ``group_names`` and ``n_columns``.

    Raises
    ------
    NotFittedError
        Where the estimator is not fitted.
    ValueError
        Where it has no extractor, or nothing that predicts, and where X and y differ in length.
    TypeError
        For more than one score.

    Notes
    -----
    A group is a branch of the union, ``"outer__inner"`` where unions are nested, with all that
    stands in that branch, such as a PCA. Where something stands behind an inner union in its
    branch, the branch is one group, since its columns are no longer those of one extractor. A
    pipeline with a single extractor has one group.

    Groups that say the same share their importance: shuffled alone, each is made up for by the
    others. So a small bar tells that the model can do without this group, not that it is of no use.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> from sklearn_audio import Loader, MFCCExtractor, RMSExtractor, make_union
    >>> from sklearn_audio.datasets import load_percussion
    >>> from sklearn_audio.inspection import feature_importance_by_group
    >>> data = load_percussion()
    >>> union = make_union(RMSExtractor(), MFCCExtractor())
    >>> model = make_pipeline(Loader(), union, StandardScaler(), SVC())
    >>> model = model.fit(data.paths[::2], data.target[::2])
    >>> display = feature_importance_by_group(
    ...     model, data.paths[1::2], data.target[1::2], random_state=0
    ... )
    >>> display.group_names, display.n_columns.tolist()
    (['rmsextractor', 'mfccextractor'], [2, 78])
    >>> display.importances.importances_mean.argmax()
    np.int64(1)
    """
    if scoring is None and hasattr(estimator, "best_estimator_"):
        scoring = _scoring_of(estimator)
    if not (scoring is None or isinstance(scoring, str) or callable(scoring)):
        raise TypeError(f"scoring={scoring!r}; one score, a str or a callable, is wanted")
    before, (name, extractor), behind = _taken_apart(estimator)
    signals = transformed(before, X)
    check_consistent_length(signals, y)
    features = extractor.transform(signals)
    while isinstance(features, list):  # frames, of which what follows makes columns
        (_, transformer), *behind = behind
        features = transformer.transform(features)

    if isinstance(extractor, FeatureUnion):
        groups = list(_groups(extractor, signals[:1]))
    else:
        groups = [(name, features.shape[1])]
    n_columns = np.array([width for _, width in groups])
    model = Pipeline([("features", _ShuffledFeatures.of(features, n_columns)), *behind])
    positions = np.arange(features.shape[0])[:, np.newaxis].repeat(len(groups), axis=1)
    importances = permutation_importance(
        model,
        positions,
        y,
        scoring=scoring,
        n_repeats=n_repeats,
        random_state=random_state,
        n_jobs=n_jobs,
    )
    if "importances" not in importances:
        raise TypeError(f"scoring={scoring!r} gives {', '.join(importances)}; one score is wanted")
    display = FeatureImportanceDisplay(
        importances=importances,
        group_names=[name for name, _ in groups],
        n_columns=n_columns,
        quantity=_quantity(scoring, model),
    )
    return display.plot(ax)


def _scoring_of(search: Any) -> Any:
    """Return the one score by which a search has found its best estimator."""
    if isinstance(search.scoring, Mapping):
        return search.scoring[search.refit]
    return search.refit if isinstance(search.scoring, (list, tuple, set)) else search.scoring


def _quantity(scoring: Any, model: Any) -> str:
    """Return what an importance is: what a shuffled group takes from the score."""
    if scoring is None:
        name = "accuracy" if is_classifier(model) else "R²" if is_regressor(model) else "score"
    else:
        name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score")
    name = "score" if name == "<lambda>" else name.replace("_", " ")
    # A negative error that decreases is an error that increases.
    error = name.removeprefix("neg ")
    return f"decrease of {name}" if error == name else f"increase of {error}"


def _taken_apart(estimator: Any) -> tuple[list, tuple[str, Any], list]:
    """Return what stands before the extractor or union, this, and what stands behind it."""
    stages = fitted_stages(estimator)
    kinds = (FeatureExtractor, FeatureUnion)
    start = next((i for i, (_, stage) in enumerate(stages) if isinstance(stage, kinds)), None)
    if start is None:
        raise ValueError(
            f"the {type(estimator).__name__} has no extractor; a fitted Pipeline with an extractor "
            "such as MFCCExtractor, or a union of them, before what predicts is wanted"
        )
    if not hasattr(stages[-1][1], "predict"):
        raise ValueError(
            f"the {type(estimator).__name__} ends with a {type(stages[-1][1]).__name__}, which "
            "does not predict; a fitted Pipeline that ends with a classifier or regressor is wanted"
        )
    return stages[:start], stages[start], stages[start + 1 :]


def _groups(transformer: Any, signals: Any, name: str = "") -> Iterator[tuple[str, int]]:
    """Yield the name and the number of columns of each group, in the order of the columns."""
    if is_keyword(transformer):  # "drop", or "passthrough"
        if transformer == "passthrough":
            yield name, signals.shape[1]
        return
    *steps, (_, last) = fitted_steps(name, transformer)
    if isinstance(last, FeatureUnion):
        signals = transformed(steps, signals)
        for inner, branch in last.transformer_list:
            yield from _groups(branch, signals, f"{name}__{inner}" if name else inner)
    else:
        yield name, _n_columns(transformer, signals)


def _n_columns(transformer: Any, signals: Any) -> int:
    try:
        return len(transformer.get_feature_names_out())
    except (AttributeError, ValueError):  # one that does not name its columns
        return transformer.transform(signals).shape[1]


class _ShuffledFeatures(TransformerMixin, BaseEstimator):
    """Takes the columns of each group from some rows of features.

    Before the rest of a pipeline it makes an estimator whose X has a column a group, so that
    permutation importance of scikit-learn, which shuffles columns of X, shuffles groups.

    Parameters
    ----------
    values : ndarray of shape (n_recordings, n_columns)
        What the extractors give.
    names : list of str or None
        The names of the columns, where they have some.
    groups : ndarray of int of shape (n_columns,)
        The group of each column.
    """

    def __init__(self, values: np.ndarray, names: list[str] | None, groups: np.ndarray) -> None:
        self.values = values
        self.names = names
        self.groups = groups

    @classmethod
    def of(cls, features: Any, n_columns: np.ndarray) -> _ShuffledFeatures:
        """Return one that gives features in the container in which they come."""
        groups = np.repeat(np.arange(len(n_columns)), n_columns)
        if issparse(features):
            features = features.toarray()
        if not hasattr(features, "columns"):
            return cls(features, None, groups).set_output(transform="default")
        container = "pandas" if hasattr(features, "iloc") else "polars"
        shuffled = cls(features.to_numpy(), list(features.columns), groups)
        return shuffled.set_output(transform=container)

    def fit(self, X: Any, y: Any = None) -> Self:
        return self

    def transform(self, positions: np.ndarray) -> np.ndarray:
        return np.take_along_axis(self.values, positions[:, self.groups], axis=0)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        return np.asarray(self.names, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True
