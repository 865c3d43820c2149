"""What stands at the head of a pipeline: the Loader, steps, and the extractors behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

from sklearn import pipeline

from .base import FeatureExtractor, SignalTransformer
from .evaluation import Branch
from .kinds import as_batch
from .loading import Loader
from .signals import Signal, SignalBatch


def heads(transformer: Any, steps: tuple = (), name: str = "") -> Iterator[tuple[str, Branch]]:
    """Yield the extractors that look at the signals in a transformer, each with its steps.

    Parameters
    ----------
    transformer : estimator
        An extractor, a union, or a Pipeline of a Loader, steps and one of these; anything else has
        none.
    steps : tuple of SignalTransformer, default=()
        What the signals went through before.
    name : str, default=""
        What the transformer is called.

    Yields
    ------
    name : str
        That of the branch of a union, ``"outer__inner"`` where unions are nested; otherwise that
        of the step of the Pipeline, or of the class in lower case.
    branch : Branch
        The steps and the extractor.
    """
    if isinstance(transformer, FeatureExtractor):
        yield name or type(transformer).__name__.lower(), Branch(steps, transformer)
    elif isinstance(transformer, pipeline.FeatureUnion):
        for inner, branch in transformer.transformer_list:
            yield from heads(branch, steps, f"{name}__{inner}" if name else inner)
    elif isinstance(transformer, pipeline.Pipeline):
        for inner, step in flattened(transformer):
            if isinstance(step, SignalTransformer):
                steps = (*steps, step)
            elif isinstance(step, Loader):
                steps = ()
            else:
                # The name of a union tells nothing where it is the only one.
                own = "" if isinstance(step, pipeline.FeatureUnion) else inner
                yield from heads(step, steps, name or own)
                return


def flattened(chain: pipeline.Pipeline) -> Iterator[tuple[str, Any]]:
    """Yield the steps of a Pipeline and of those inside of it, without what stands for none.

    Parameters
    ----------
    chain : Pipeline
        Of any estimators.

    Yields
    ------
    name : str
        Of the step.
    step : estimator
        No Pipeline.
    """
    for name, step in chain.steps:
        if isinstance(step, pipeline.Pipeline):
            yield from flattened(step)
        elif not is_keyword(step):
            yield name, step


def is_keyword(transformer: Any) -> bool:
    """Tell whether something stands for no transformer: None, "drop" or "passthrough".

    Parameters
    ----------
    transformer : estimator, str or None
        A step of a Pipeline or a branch of a union.

    Returns
    -------
    is_keyword : bool
        True for what is no estimator.
    """
    return transformer is None or isinstance(transformer, str)


def unwrapped(estimator: Any) -> Any:
    """Return what a search has found, or will fit; anything else comes back itself.

    Parameters
    ----------
    estimator : estimator
        A search such as GridSearchCV, or anything else.

    Returns
    -------
    estimator : estimator
        The best one where the search is fitted, otherwise the one that it is given.
    """
    for attribute in ("best_estimator_", "estimator"):
        if hasattr(estimator, attribute) and not isinstance(estimator, pipeline.Pipeline):
            return getattr(estimator, attribute)
    return estimator


def loaded(estimator: Any, X: Any) -> SignalBatch:
    """Return the signals of X as they are before the steps of an estimator.

    Parameters
    ----------
    estimator : estimator
        A Pipeline with or without a Loader, a search over one, or a part of one.
    X : any kind of signals, or recordings
        What the estimator is given.

    Returns
    -------
    batch : SignalBatch
        Nothing is read yet.

    Raises
    ------
    AudioError
        Where X does not fit, for example paths without a Loader.
    """
    loader, _ = _behind_loader(estimator)
    return as_batch(X) if loader is None else loader.transform(X)


def seen(estimator: Any, X: Any) -> SignalBatch:
    """Return the signals of X as the first estimator behind the steps of a pipeline sees them.

    Parameters
    ----------
    estimator : estimator
        A Pipeline, a search over one, a step or an extractor.
    X : any kind of signals, or recordings
        What the estimator is given.

    Returns
    -------
    batch : SignalBatch
        Nothing is read yet.
    """
    return through(loaded(estimator, X), steps_of(estimator))


def steps_of(estimator: Any) -> Iterator[SignalTransformer]:
    """Return the steps that an estimator begins with, behind its Loader.

    Parameters
    ----------
    estimator : estimator
        A Pipeline, a search over one, a step or anything else.

    Returns
    -------
    steps : iterator of SignalTransformer
        In this order; none where it begins with something else.
    """
    _, behind = _behind_loader(estimator)
    return takewhile(lambda step: isinstance(step, SignalTransformer), behind)


def through(batch: SignalBatch, steps: Iterable[SignalTransformer]) -> SignalBatch:
    """Return a batch whose signals go through more steps; nothing is read.

    Parameters
    ----------
    batch : SignalBatch
        The signals.
    steps : iterable of SignalTransformer
        In this order.

    Returns
    -------
    batch : SignalBatch
        The same signals.
    """
    for step in steps:
        batch = step.transform(batch)
    return batch


def seen_signal(estimator: Any, X: Any, index: int = 0) -> Signal:
    """Return one signal as the first estimator behind the steps of a pipeline sees it.

    Parameters
    ----------
    estimator : estimator
        As in `seen`.
    X : any kind of signals, or recordings
        What the estimator is given.
    index : int, default=0
        Which one, counted from 0, or from the end where it is negative.

    Returns
    -------
    signal : Signal
        Its rate is that which an extractor is told, where the signals carry none.
    """
    batch = seen(estimator, X)
    signal = batch[batch.position_of(index)]
    rates = [branch.extractor.sample_rate for _, branch in heads(unwrapped(estimator))]
    known = next((rate for rate in rates if rate is not None), None)
    return signal.with_rate(known) if signal.rate is None else signal


def named_branch(estimator: Any, name: str | None = None) -> tuple[str, Branch]:
    """Return one extractor of a pipeline, with all steps before it.

    Parameters
    ----------
    estimator : estimator
        A Pipeline, a search over one, a union or an extractor.
    name : str or None, default=None
        As in `heads`; None where there is only one.

    Returns
    -------
    name : str
        The same.
    branch : Branch
        The steps behind the Loader and the extractor.

    Raises
    ------
    ValueError
        Where there is none of this name, or more than one without a name, listing all.
    """
    found = dict(heads(unwrapped(estimator)))
    names = ", ".join(map(repr, found)) or "none"
    if name is None and len(found) == 1:
        [(name, _)] = found.items()
    if name not in found:
        came = "feature was not given" if name is None else f"feature={name!r}"
        raise ValueError(
            f"{came}; wanted the name of one extractor of the pipeline, which has {names}"
        )
    return name, found[name]


def _behind_loader(estimator: Any) -> tuple[Loader | None, list[Any]]:
    """Return the Loader that an estimator begins with, and all that comes behind it."""
    if isinstance(estimator, type) or not hasattr(estimator, "fit"):
        raise TypeError(
            f"estimator is {estimator!r}; a Pipeline, a step or an extractor is wanted, made with "
            "its parameters"
        )
    estimator = unwrapped(estimator)
    is_chain = isinstance(estimator, pipeline.Pipeline)
    steps = [step for _, step in flattened(estimator)] if is_chain else [estimator]
    if steps and isinstance(steps[0], Loader):
        return steps[0], steps[1:]
    return None, steps
