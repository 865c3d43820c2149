"""The likeliest course of a pitch through uncertain candidates, by the Viterbi algorithm.

*Conventions.* The hidden Markov model is that of M. Mauch and S. Dixon, *pYIN: A fundamental
frequency estimator using probabilistic threshold distributions* (ICASSP 2014). A frame is voiced
or unvoiced, and in either case at one of ``n_bins`` pitches. From one frame to the next a pitch
moves by a few bins, near moves being likelier than far ones, and voicing seldom changes. What
the model rules out has the smallest probability above 0 in float64, as in
`librosa.sequence.viterbi`, so that there is a path through any candidates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

_RULED_OUT = np.finfo(np.float64).tiny
_LOG_RULED_OUT = np.log(_RULED_OUT)

# Scores of no more than this are kept for the way back, 80 s in the default setting of pyin at
# 22,050 Hz. Of longer signals the earlier blocks are computed a second time.
_KEPT_BYTES = 32 * 2**20


class PitchCandidates(NamedTuple):
    """The pitches that the frames of a signal may have.

    Parameters
    ----------
    frame : ndarray of shape (n_candidates,), dtype int
        The frame of each candidate, ascending.
    bin : ndarray of shape (n_candidates,), dtype int
        The bin of its pitch, none twice in a frame.
    probability : ndarray of shape (n_candidates,), dtype float64
        Above 0; the rest of a frame is the probability that it is unvoiced.
    """

    frame: np.ndarray
    bin: np.ndarray
    probability: np.ndarray


class PitchModel(NamedTuple):
    """How pitch and voicing move from one frame to the next.

    Parameters
    ----------
    n_bins : int
        Number of pitch bins.
    width : int
        Number of bins that a pitch may move to; their probabilities form a triangle.
    switch_prob : float
        Probability that a voiced frame follows an unvoiced one, or an unvoiced a voiced one.
    """

    n_bins: int
    width: int
    switch_prob: float


def likeliest_path(
    candidates: PitchCandidates, voiced_probability: np.ndarray, model: PitchModel
) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest pitch and voicing of all frames together.

    Parameters
    ----------
    candidates : PitchCandidates
        What was seen of the voiced pitches.
    voiced_probability : ndarray of shape (n_frames,), dtype float64
        Sum of the candidates of each frame, at most 1.
    model : PitchModel
        How pitch and voicing move.

    Returns
    -------
    bin : ndarray of shape (n_frames,), dtype int
        The pitch bin of each frame; in unvoiced ones a guess.
    voiced : ndarray of shape (n_frames,), dtype bool
        Which frames are voiced.

    Examples
    --------
    The candidate at bin 90 is the likelier one of its frame, but too far from all others:

    >>> import numpy as np
    >>> from sklearn_audio.features.viterbi import PitchCandidates, PitchModel, likeliest_path
    >>> candidates = PitchCandidates(
    ...     frame=np.array([0, 1, 1, 2]),
    ...     bin=np.array([20, 21, 90, 22]),
    ...     probability=np.array([0.9, 0.4, 0.5, 0.9]),
    ... )
    >>> likeliest_path(candidates, np.array([0.9, 0.9, 0.9]), PitchModel(100, 11, 0.01))
    (array([20, 21, 22]), array([ True,  True,  True]))
    """
    lattice = _Lattice(candidates, voiced_probability, model)
    last = len(voiced_probability) - 1
    block_length = max(1, _KEPT_BYTES // lattice.scores_at_start.nbytes)
    firsts = range(0, max(last, 1), block_length)

    entrances = [lattice.scores_at_start]
    for first in firsts:
        scores = lattice.scores(entrances[-1], first, min(first + block_length, last))
        entrances.append(scores[-1].copy())

    path = np.empty((last + 1, 2), dtype=np.int64)
    path[last] = lattice.best(scores[-1])
    for first, entrance in zip(reversed(firsts), entrances[-2::-1], strict=True):
        stop = min(first + block_length, last)
        if first != firsts[-1]:
            scores = lattice.scores(entrance, first, stop)
        for frame in range(stop, first, -1):
            path[frame - 1] = lattice.predecessor(scores[frame - 1 - first], *path[frame])
    return path[:, 1], path[:, 0] == _VOICED


_VOICED, _UNVOICED = 0, 1


class _Lattice:
    """All states of all frames; their scores are logarithms of probabilities of paths.

    Parameters
    ----------
    candidates, voiced_probability, model
        As `likeliest_path` has them.

    Attributes
    ----------
    scores_at_start : ndarray of shape (2, n_bins)
        Scores of the states of the first frame, voiced ones first.
    """

    def __init__(
        self, candidates: PitchCandidates, voiced_probability: np.ndarray, model: PitchModel
    ) -> None:
        n_bins, width = model.n_bins, model.width
        self._n_bins = n_bins
        self._bins = candidates.bin
        self._log_probability = np.log(candidates.probability)
        n_frames = len(voiced_probability)
        self._starts = np.searchsorted(candidates.frame, np.arange(n_frames + 1))
        self._log_unvoiced = np.log((1 - voiced_probability) / n_bins + _RULED_OUT)
        self._certain = voiced_probability == 1

        # A bin is reached from `below` bins under it, itself, and those above. An even triangle
        # leans to one side, and it is the one of librosa.sequence.transition_local.
        below = width - 1 - (width - 1 + n_bins % 2) // 2
        moves = np.arange(max(0, below - n_bins + 1), min(width, below + n_bins))
        triangle = (width + width % 2) / 2 - np.abs(moves - (width - 1) / 2)
        self._below = below = below - moves[0]
        self._log_triangle = np.log(triangle)
        # At the ends of the range the triangle is cut, and the rest of it is normalised.
        width = len(triangle)
        within = np.pad(np.ones(n_bins), (width - 1 - below, below))
        self._log_total = np.log(sliding_window_view(within, width) @ triangle[::-1])
        stay, switch = np.log(1 - model.switch_prob), np.log(model.switch_prob)
        self._log_voicing = np.array([[stay, switch], [switch, stay]])

        padded = np.full((2, n_bins + width - 1), -np.inf)
        self._departures = padded[:, below : below + n_bins]
        self._windows = sliding_window_view(padded, width, axis=1)
        self._sums = np.empty((width, n_bins))

        self.scores_at_start = np.full((2, n_bins), -np.inf)
        bins, log_probability = self._voiced(0)
        self.scores_at_start[_VOICED, bins] = log_probability
        self.scores_at_start[_UNVOICED] = self._log_unvoiced[0]

    def scores(self, entrance: np.ndarray, first: int, last: int) -> np.ndarray:
        """Return the scores of the frames from first to last, given those of the first."""
        scores = np.full((last - first + 1, 2, self._n_bins), -np.inf)
        scores[0] = entrance
        for frame in range(first + 1, last + 1):
            self._step(scores[frame - 1 - first], scores[frame - first], frame)
        return scores

    def _step(self, before: np.ndarray, after: np.ndarray, frame: int) -> None:
        stay, switch = self._log_voicing[0]
        np.maximum(before + stay, before[::-1] + switch, out=self._departures)
        self._departures -= self._log_total
        leap = before.max() + _LOG_RULED_OUT

        bins, log_probability = self._voiced(frame)
        moves = (self._windows[_VOICED, bins] + self._log_triangle).max(axis=1)
        after[_VOICED, bins] = np.maximum(moves, leap) + log_probability
        np.add(self._windows[_UNVOICED].T, self._log_triangle[:, np.newaxis], out=self._sums)
        after[_UNVOICED] = np.maximum(self._sums.max(axis=0), leap) + self._log_unvoiced[frame]

    def _voiced(self, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the voiced bins of a frame that may be on the path, and their probabilities."""
        inside = slice(self._starts[frame], self._starts[frame + 1])
        if not self._certain[frame]:
            # A voiced state that is ruled out is far less likely than its unvoiced twin.
            return self._bins[inside], self._log_probability[inside]
        log_probability = np.full(self._n_bins, _LOG_RULED_OUT)
        log_probability[self._bins[inside]] = self._log_probability[inside]
        return np.arange(self._n_bins), log_probability

    def best(self, scores: np.ndarray) -> tuple[int, int]:
        """Return voicing and bin of the best of all states of a frame."""
        voicing, bin_ = divmod(int(np.argmax(scores)), self._n_bins)
        return voicing, bin_

    def predecessor(self, scores: np.ndarray, voicing: int, bin_: int) -> tuple[int, int]:
        """Return the state before a state, given the scores of the frame before."""
        lowest = bin_ - self._below
        inside = slice(max(lowest, 0), min(lowest + len(self._log_triangle), self._n_bins))
        weights = self._log_triangle[inside.start - lowest : inside.stop - lowest]
        moves = scores[:, inside] + (weights - self._log_total[inside])
        moves += self._log_voicing[voicing][:, np.newaxis]
        best = int(np.argmax(moves))
        if moves.flat[best] < scores.max() + _LOG_RULED_OUT:
            return self.best(scores)
        before, offset = divmod(best, moves.shape[1])
        return before, inside.start + offset
