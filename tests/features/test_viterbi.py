import librosa
import numpy as np
import pytest

from sklearn_audio.features.viterbi import PitchCandidates, PitchModel, likeliest_path

TINY = np.finfo(np.float64).tiny


def sure(bins, probability=1.0):
    """Return one candidate a frame, all of one probability."""
    bins = np.asarray(bins)
    candidates = PitchCandidates(np.arange(len(bins)), bins, np.full(len(bins), probability))
    return candidates, np.full(len(bins), probability)


def random_candidates(n_frames, n_bins, *, certain_share, seed):
    """Return candidates at random; some frames have none, and some are surely voiced."""
    generator = np.random.default_rng(seed)
    frames, bins, probabilities = [], [], []
    for frame in range(n_frames):
        count = generator.integers(0, 5)
        weights = generator.dirichlet(np.ones(count + 1))[:count] if count else np.empty(0)
        if count and generator.random() < certain_share:
            # Eighths, so that their sum is 1 to the last bit.
            count, weights = 2, np.array([0.625, 0.375])
        frames += [frame] * count
        bins += sorted(generator.choice(n_bins, count, replace=False))
        probabilities += list(weights)
    candidates = PitchCandidates(
        np.array(frames, dtype=int), np.array(bins, dtype=int), np.array(probabilities)
    )
    voiced = np.bincount(candidates.frame, candidates.probability, minlength=n_frames)
    return candidates, voiced


def dense(candidates, voiced_probability, model):
    """Return all probabilities as librosa wants them: of states, and of changes of state."""
    n_bins, width, switch_prob = model
    states = np.zeros((2 * n_bins, len(voiced_probability)))
    states[candidates.bin, candidates.frame] = candidates.probability
    states[n_bins:] = (1 - voiced_probability) / n_bins
    local = librosa.sequence.transition_local(n_bins, width, window="triangle")
    changes = np.kron(librosa.sequence.transition_loop(2, 1 - switch_prob), local)
    return states, changes


def log_probability(path, states, changes):
    seen = np.log(states[path, np.arange(len(path))] + TINY).sum()
    return seen + np.log(changes[path[:-1], path[1:]] + TINY).sum()


MODELS = [
    PitchModel(40, 11, 0.01),
    PitchModel(41, 11, 0.3),
    PitchModel(40, 6, 0.01),
    PitchModel(41, 6, 0.01),
    PitchModel(30, 1, 0.1),
    PitchModel(30, 29, 0.01),
    PitchModel(200, 21, 0.6),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_the_path_is_that_of_librosa(model, seed):
    seen = random_candidates(60, model.n_bins, certain_share=0, seed=seed)
    bins, voiced = likeliest_path(*seen, model)
    path = librosa.sequence.viterbi(*dense(*seen, model))
    np.testing.assert_array_equal(voiced, path < model.n_bins)
    np.testing.assert_array_equal(bins[voiced], path[voiced])


# Where pitches that are sure are too far from one another, there are paths of equal probability.
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("certain_share", [0.3, 1.0])
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_the_path_is_as_likely_as_that_of_librosa(model, certain_share, seed):
    seen = random_candidates(60, model.n_bins, certain_share=certain_share, seed=seed)
    bins, voiced = likeliest_path(*seen, model)
    states, changes = dense(*seen, model)
    expected = log_probability(librosa.sequence.viterbi(states, changes), states, changes)
    path = np.where(voiced, bins, bins + model.n_bins)
    assert log_probability(path, states, changes) == pytest.approx(expected, rel=1e-12)


def test_a_path_is_found_over_many_blocks():
    # 10,000 frames of 600 bins are several times what is kept for the way back.
    generator = np.random.default_rng(0)
    steps = generator.integers(-5, 6, size=10_000)
    truth = 300 + np.abs(np.cumsum(steps) % 400 - 200)
    bins, voiced = likeliest_path(*sure(truth, 0.9), PitchModel(600, 21, 0.01))
    assert voiced.all()
    np.testing.assert_array_equal(bins, truth)


def test_a_gap_of_one_frame_is_unvoiced_and_the_pitch_goes_on():
    candidates, probability = sure([20, 20, 20, 21, 21, 21], 0.9)
    kept = candidates.frame != 2
    gap = PitchCandidates(*(values[kept] for values in candidates))
    probability[2] = 0
    bins, voiced = likeliest_path(gap, probability, PitchModel(100, 11, 0.01))
    assert voiced.tolist() == [True, True, False, True, True, True]
    assert bins[voiced].tolist() == [20, 20, 21, 21, 21]


def test_a_leap_that_the_model_rules_out_is_made_where_nothing_else_is_possible():
    bins, voiced = likeliest_path(*sure([10, 10, 90, 90]), PitchModel(100, 11, 0.01))
    assert voiced.all()
    assert bins.tolist() == [10, 10, 90, 90]


def test_without_candidates_all_frames_are_unvoiced():
    nothing = PitchCandidates(np.array([], dtype=int), np.array([], dtype=int), np.array([]))
    _, voiced = likeliest_path(nothing, np.zeros(5), PitchModel(100, 11, 0.01))
    assert voiced.tolist() == [False] * 5


def test_one_frame_has_its_likeliest_state():
    model = PitchModel(100, 11, 0.01)
    two = PitchCandidates(np.array([0, 0]), np.array([30, 60]), np.array([0.25, 0.5]))
    bins, voiced = likeliest_path(two, np.array([0.75]), model)
    assert (bins.tolist(), voiced.tolist()) == ([60], [True])


def test_a_triangle_wider_than_the_range_reaches_all_bins():
    candidates, probability = sure([0, 9, 0, 9], 0.9)
    bins, voiced = likeliest_path(candidates, probability, PitchModel(10, 10**12, 0.01))
    assert voiced.all()
    assert bins.tolist() == [0, 9, 0, 9]
