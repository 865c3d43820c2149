"""All rows that a search will ask for, in one pass over the recordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral
from typing import Any, NamedTuple

from sklearn.base import clone
from sklearn.model_selection import ParameterGrid, ParameterSampler
from sklearn.pipeline import FeatureUnion, Pipeline
from tqdm import tqdm

from ..base import FeatureExtractor, SignalTransformer
from ..evaluation import Branch, chain_digest, windows
from ..loading import Loader
from ..pipelines import flattened
from ..signals import SignalBatch


class Prefetched(NamedTuple):
    """What `prefetch` has done.

    Parameters
    ----------
    n_recordings : int
        Recordings that were looked at; once for each distinct setting of the Loader.
    n_computed : int
        Rows that were computed and kept.
    n_found : int
        Rows that were kept already.
    errors : list of Exception
        The first error of each recording that failed, in the order of the recordings; an
        `AudioError` says which one it is.
    """

    n_recordings: int
    n_computed: int
    n_found: int
    errors: list[Exception]


def prefetch(
    estimator: Any, X: Any, *, n_jobs: int | None = None, progress: bool = True
) -> Prefetched:
    """Compute all rows that a search, or one model, will ask for, and keep them.

    Every recording is decoded once, every distinct chain of steps runs once and every distinct
    spectrum is computed once, however many candidates there are. After it, ``fit`` finds all rows
    in the memory of the Loader. Interrupted and started again, it goes on where it stopped.

    Nothing is fitted. A candidate that is invalid is left to fail at its fit, and a recording
    that cannot be read or computed is counted, told in the answer, and fails there too.

    Parameters
    ----------
    estimator : estimator
        A search (GridSearchCV, RandomizedSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV) over
        a Pipeline that begins with ``Loader(memory=...)``, or such a Pipeline itself.
    X : list, array, Series or DataFrame
        The recordings that it will be fitted on.
    n_jobs : int or None, default=None
        Processes over which recordings are spread, as in joblib.
    progress : bool, default=True
        Show a bar with the recordings done and failed, their number a second and the time left.

    Returns
    -------
    prefetched : Prefetched
        How much was computed and found, and what failed.

    Raises
    ------
    AudioError
        Where X is no list of recordings.
    ValueError
        Where no ``Loader(memory=...)`` stands before an extractor, and for a random search
        whose ``random_state`` is no int, since its candidates are others each time.

    See Also
    --------
    sklearn_audio.RowStore : Where the rows are kept.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> from sklearn_audio import Loader, MFCCExtractor
    >>> from sklearn_audio.datasets import load_percussion
    >>> from sklearn_audio.model_selection import prefetch
    >>> model = make_pipeline(Loader(memory=tempfile.mkdtemp()), MFCCExtractor(), SVC())
    >>> search = GridSearchCV(model, {"mfccextractor__n_mfcc": [13, 20], "svc__C": [1, 10, 100]})
    >>> done = prefetch(search, load_percussion().paths, progress=False)
    >>> done.n_recordings, done.n_computed, done.n_found
    (92, 184, 0)
    """
    groups = _groups(estimator, X)
    n_recordings = sum(len(group.batch) for group in groups)
    n_computed = n_found = 0
    errors: list[Exception] = []
    with tqdm(total=n_recordings, unit=" recordings", disable=not progress) as bar:
        for group in groups:
            for window in windows(group.batch, list(group.branches.values())):
                n_found += window.n_known()
                failed = {}
                bar.update(len(window.sources) - len(window.incomplete()))
                for outcome in window.compute(n_jobs, tolerant=True):
                    n_computed += len(outcome.rows)
                    if outcome.error is not None:
                        failed[outcome.position] = outcome.error
                        bar.set_postfix(failed=len(errors) + len(failed), refresh=False)
                    bar.update()
                errors.extend(failed[position] for position in sorted(failed))
    return Prefetched(n_recordings, n_computed, n_found, errors)


class _Group(NamedTuple):
    """A batch, and the branches that look at its signals, by their identity."""

    batch: SignalBatch
    branches: dict[tuple, Branch]


def _groups(estimator: Any, X: Any) -> list[_Group]:
    """Return what all candidates ask for, without what they ask for twice."""
    groups: dict[tuple, _Group] = {}
    heads = list(_heads(estimator, None, ()))
    kept = [(loader, branch) for loader, branch in heads if loader and loader.memory is not None]
    if not kept and (heads or _settings(estimator) is None):
        raise ValueError(
            "there is nothing to keep rows in: prefetch wants a Pipeline that begins with "
            "Loader(memory=...) and has an extractor behind it, or a search over one"
        )
    for loader, branch in kept:
        if not _is_valid(loader, branch) or chain_digest(branch) is None:
            continue
        key = (*loader.identity(), loader.memory)
        if key not in groups:
            groups[key] = _Group(loader.transform(X), {})
        groups[key].branches[branch.identity] = branch
    return list(groups.values())


def _heads(
    estimator: Any, loader: Loader | None, steps: tuple
) -> Iterator[tuple[Loader | None, Branch]]:
    """Yield the extractors of an estimator, with the Loader and the steps before them."""
    if isinstance(estimator, FeatureExtractor):
        yield loader, Branch(steps, estimator)
    elif isinstance(estimator, Pipeline):
        for _, step in flattened(estimator):
            if isinstance(step, Loader):
                loader, steps = step, ()
            elif isinstance(step, SignalTransformer):
                steps = (*steps, step)
            else:
                yield from _heads(step, loader, steps)
                return
    else:
        for inner in _inner(estimator):
            yield from _heads(inner, loader, steps)


def _inner(estimator: Any) -> Iterable[Any]:
    """Return the estimators that see the same X as the one that is made of them."""
    if isinstance(estimator, FeatureUnion):
        return [branch for _, branch in estimator.transformer_list]
    if _settings(estimator) is not None:
        return _candidates(estimator)
    if hasattr(estimator, "estimators"):  # a vote, or a stack
        return [inner for _, inner in estimator.estimators]
    if hasattr(estimator, "estimator"):  # a calibration, for example
        return [estimator.estimator]
    return []


def _candidates(search: Any) -> Iterator[Any]:
    """Yield what a search will fit, without what cannot be set."""
    for parameters in _settings(search) or ():
        candidate = clone(search.estimator)
        try:
            candidate.set_params(**clone(parameters, safe=False))
        except Exception:  # whatever it is, the fit of the candidate will say it
            continue
        yield candidate


def _settings(search: Any) -> Iterable[Mapping[str, Any]] | None:
    """Return the parameters of the candidates of a search; None for another estimator."""
    if hasattr(search, "param_grid"):
        return ParameterGrid(search.param_grid)
    if not hasattr(search, "param_distributions"):
        return None
    n_candidates = getattr(search, "n_iter", None) or search.n_candidates
    if not isinstance(search.random_state, Integral) or not isinstance(n_candidates, Integral):
        raise ValueError(
            f"random_state={search.random_state!r} and {n_candidates!r} candidates; both have to "
            "be ints, because otherwise the search draws other candidates than prefetch"
        )
    return ParameterSampler(
        search.param_distributions, n_candidates, random_state=search.random_state
    )


def _is_valid(loader: Loader, branch: Branch) -> bool:
    try:
        loader.validate_parameters()
        branch.validate_parameters()
    except (ValueError, TypeError):
        return False
    return True
