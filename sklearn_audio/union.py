"""Several features of the same signals, side by side, in one pass."""

from __future__ import annotations

from typing import Any

from sklearn import pipeline
from sklearn.utils import Tags, get_tags

from .base import DocumentationLinkMixin, FeatureExtractor, SignalTransformer
from .evaluation import evaluate
from .kinds import as_batch
from .pipelines import heads, is_keyword
from .signals import SignalBatch


class FeatureUnion(DocumentationLinkMixin, pipeline.FeatureUnion):
    """The FeatureUnion of scikit-learn that reads each signal once, whatever its branches.

    Before it lets scikit-learn do what it always does, it collects the extractors at the head of
    its branches and evaluates them all in one pass over the signals: one decoding a signal, one
    run of each distinct chain of steps, one transform for each distinct setting. Each branch then
    finds its rows ready. The results are those of `sklearn.pipeline.FeatureUnion`, bit for bit.

    A branch may be an extractor, a Pipeline of steps, an extractor and any transformers behind it,
    another union, or any other transformer (which then takes no part in the sharing).

    Parameters
    ----------
    transformer_list : list of (str, transformer) tuples
        The branches. "drop" and "passthrough" as in scikit-learn.
    n_jobs : int or None, default=None
        Processes over which signals are spread, as in joblib; the ``n_jobs`` of the branches
        does not count here.
    transformer_weights : dict or None, default=None
        Factors for the columns of branches, by name.
    verbose : bool, default=False
        Print the time that each branch takes when it is fitted.
    verbose_feature_names_out : bool, default=True
        Put the name of the branch before the names of its columns.

    See Also
    --------
    make_union : Names the branches by itself.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_audio import ChromaExtractor, FeatureUnion, MFCCExtractor
    >>> union = FeatureUnion([
    ...     ("timbre", MFCCExtractor(sample_rate=22050)),
    ...     ("harmony", ChromaExtractor(sample_rate=22050)),
    ... ])
    >>> noise = np.random.default_rng(0).normal(size=(3, 22050))
    >>> union.fit_transform(noise).shape
    (3, 102)
    >>> union.get_feature_names_out()[[0, 101]].tolist()
    ['timbre__mfcc_0_mean', 'harmony__chroma_b_std']
    """

    def fit(self, X: Any, y: Any = None, **fit_params: Any) -> FeatureUnion:
        """Fit all branches.

        Parameters
        ----------
        X : ndarray of shape (n_signals, n_samples), list of 1-D arrays, or SignalBatch
            The signals.
        y : array-like or None, default=None
            Handed on to the branches.
        **fit_params : dict
            Handed on to the branches, as in scikit-learn.

        Returns
        -------
        self : FeatureUnion
            This union.
        """
        # Steps and extractors read nothing in fit; what learns from rows has them computed.
        return super().fit(self._shared(X) if _learns(self) else X, y, **fit_params)

    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit all branches and return their columns side by side.

        Parameters
        ----------
        X : ndarray of shape (n_signals, n_samples), list of 1-D arrays, or SignalBatch
            The signals.
        y : array-like or None, default=None
            Handed on to the branches.
        **params : dict
            Handed on to the branches, as in scikit-learn.

        Returns
        -------
        X_features : ndarray of shape (n_signals, n_columns)
            One row a signal; a DataFrame after ``set_output``.
        """
        return super().fit_transform(self._shared(X), y, **params)

    def transform(self, X: Any, **params: Any) -> Any:
        """Return the columns of all branches side by side.

        Parameters
        ----------
        X : ndarray of shape (n_signals, n_samples), list of 1-D arrays, or SignalBatch
            The signals.
        **params : dict
            Handed on to the branches, as in scikit-learn.

        Returns
        -------
        X_features : ndarray of shape (n_signals, n_columns)
            One row a signal; a DataFrame after ``set_output``.
        """
        return super().transform(self._shared(X), **params)

    def _shared(self, X: Any) -> Any:
        """Return X with the rows of the branches computed, where they can share something."""
        if not isinstance(X, SignalBatch):
            # Only branches that begin with our own estimators take a batch for a plain array.
            if not _starts_with_signals(self):
                return X
            X = as_batch(X)
        branches = [branch for _, branch in heads(self, X.steps)]
        ready = evaluate(X, branches, self.n_jobs)
        return X.having(ready)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        branches = [
            get_tags(branch) for _, branch in self.transformer_list if not is_keyword(branch)
        ]
        tags.requires_fit = any(branch.requires_fit for branch in branches)
        tags.no_validation = any(branch.no_validation for branch in branches)
        tags.transformer_tags.preserves_dtype = []
        return tags


def make_union(
    *transformers: Any, n_jobs: int | None = None, verbose: bool = False
) -> FeatureUnion:
    """Make a FeatureUnion of transformers, named by their class in lower case.

    Parameters
    ----------
    *transformers : list of estimators
        The branches.
    n_jobs : int or None, default=None
        Processes over which signals are spread, as in joblib.
    verbose : bool, default=False
        Print the time that each branch takes when it is fitted.

    Returns
    -------
    union : FeatureUnion
        All branches side by side.

    See Also
    --------
    FeatureUnion : With names of your own.

    Examples
    --------
    >>> from sklearn_audio import ChromaExtractor, MFCCExtractor, make_union
    >>> [name for name, _ in make_union(MFCCExtractor(), ChromaExtractor()).transformer_list]
    ['mfccextractor', 'chromaextractor']
    """
    named = pipeline.make_union(*transformers).transformer_list
    return FeatureUnion(named, n_jobs=n_jobs, verbose=verbose)


def _starts_with_signals(transformer: Any) -> bool:
    """Tell whether a transformer makes the same of a batch as of plain arrays."""
    if isinstance(transformer, pipeline.FeatureUnion):
        return all(_starts_with_signals(branch) for _, branch in transformer.transformer_list)
    if isinstance(transformer, pipeline.Pipeline):
        steps = [step for _, step in transformer.steps if not is_keyword(step)]
        while steps and isinstance(steps[0], SignalTransformer):
            steps.pop(0)
        return bool(steps) and _starts_with_signals(steps[0])
    return isinstance(transformer, FeatureExtractor) or transformer == "drop"


def _learns(transformer: Any) -> bool:
    """Tell whether anything in a transformer is more than steps and extractors."""
    if isinstance(transformer, pipeline.FeatureUnion):
        return any(_learns(branch) for _, branch in transformer.transformer_list)
    if isinstance(transformer, pipeline.Pipeline):
        return any(_learns(step) for _, step in transformer.steps)
    ours = isinstance(transformer, (SignalTransformer, FeatureExtractor))
    return not ours and not is_keyword(transformer)
