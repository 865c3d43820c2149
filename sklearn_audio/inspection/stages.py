"""A fitted pipeline taken apart, so that its features are computed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ..pipelines import is_keyword


def fitted_stages(estimator: Any) -> list[tuple[str, Any]]:
    """Return what a fitted estimator consists of, one after the other.

    Parameters
    ----------
    estimator : estimator
        A fitted Pipeline, where Pipelines may be nested, or a fitted search over one. Any other
        estimator is its own only stage.

    Returns
    -------
    stages : list of (str, estimator) tuples
        The fitted ones with their names, without those that stand for no transformer.

    Raises
    ------
    NotFittedError
        Where the estimator is not fitted.
    ValueError
        For a search with ``refit=False``, which keeps no fitted estimator.
    """
    check_is_fitted(estimator)
    if hasattr(estimator, "cv_results_") and not hasattr(estimator, "best_estimator_"):
        raise ValueError(
            f"the {type(estimator).__name__} has no best_estimator_, because it was made with "
            "refit=False; a fitted Pipeline, or a search with refit, is wanted"
        )
    return list(fitted_steps(type(estimator).__name__.lower(), estimator))


def fitted_steps(name: str, estimator: Any) -> Iterator[tuple[str, Any]]:
    """Yield the steps of a Pipeline, those of Pipelines in it too; anything else is the only one.

    Parameters
    ----------
    name : str
        What the estimator is called.
    estimator : estimator
        A Pipeline, a fitted search over one, or anything else.

    Yields
    ------
    name : str
        That of the step.
    step : estimator
        Steps that stand for no transformer are left out.
    """
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, Pipeline):
        for inner, step in estimator.steps:
            yield from fitted_steps(inner, step)
    elif not is_keyword(estimator):
        yield name, estimator


def transformed(stages: Iterable[tuple[str, Any]], X: Any) -> Any:
    """Return what fitted transformers make of X, one after the other.

    Parameters
    ----------
    stages : iterable of (str, estimator) tuples
        Fitted transformers; none leaves X as it is.
    X : any kind
        What the first is given.

    Returns
    -------
    X_transformed : any kind
        What the last gives.
    """
    for _, transformer in stages:
        X = transformer.transform(X)
    return X
