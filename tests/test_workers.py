"""How work is spread over processes, and what becomes of it when one of them is killed."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from working import (
    RATE,
    DeadlyExtractor,
    LevelExtractor,
    Piece,
    RefusingExtractor,
    doubled,
    patient,
    sounds,
)

from sklearn_audio import (
    AudioError,
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    RMSExtractor,
    RowStore,
    Signal,
    SignalBatch,
    SpectralCentroidExtractor,
    make_union,
)
from sklearn_audio.errors import WorkerKilledError
from sklearn_audio.model_selection import prefetch
from sklearn_audio.workers import in_chunks

N_SOUNDS = 40


def pieces(n_pieces):
    return [Piece(position) for position in range(n_pieces)]


def batch(n_sounds=N_SOUNDS, memory=None):
    return Loader(memory=memory).transform(sounds(n_sounds))


@pytest.fixture
def store(tmp_path):
    return RowStore(tmp_path / "rows")


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "log")


# Results -------------------------------------------------------------------------------------


def test_rows_are_bit_identical_for_1_2_and_4_processes():
    def rows(n_jobs):
        union = make_union(
            make_pipeline(PreEmphasis(), MFCCExtractor(n_deltas=1)),
            ChromaExtractor(),
            SpectralCentroidExtractor(),
            RMSExtractor(),
            n_jobs=n_jobs,
        )
        return union.fit_transform(batch())

    right = rows(1)
    assert right.shape[0] == N_SOUNDS
    assert np.isfinite(right).all()
    for n_jobs in (2, 4):
        assert rows(n_jobs).tobytes() == right.tobytes()


def test_results_come_in_chunks_of_consecutive_tasks():
    chunks = list(in_chunks(doubled, pieces(100), 2))

    chunks.sort()
    assert len(chunks) > 2
    assert [result for chunk in chunks for result, _ in chunk] == [*range(0, 200, 2)]


def test_results_come_when_they_are_done_though_an_earlier_one_is_not(tmp_path):
    sign = tmp_path / "all others are here"
    came = []
    for chunk in in_chunks(partial(patient, sign=str(sign)), pieces(30), 2):
        came.extend(chunk)
        if len(came) == 29:
            sign.touch()

    assert came[-1] == 0
    assert sorted(came) == [*range(30)]


@pytest.mark.parametrize("n_tasks", [1, 3])
def test_with_several_processes_nothing_is_computed_in_this_one(n_tasks):
    processes = {
        process for chunk in in_chunks(doubled, pieces(n_tasks), 2) for _, process in chunk
    }

    assert len(processes) >= 1
    assert os.getpid() not in processes


def test_with_one_process_all_is_computed_in_this_one():
    assert list(in_chunks(doubled, pieces(2), 1)) == [[(0, os.getpid())], [(2, os.getpid())]]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_no_tasks_give_no_results(n_jobs):
    assert list(in_chunks(doubled, [], n_jobs)) == []


def test_who_leaves_off_early_is_not_warned_and_may_begin_again():
    results = in_chunks(doubled, pieces(1000), 2)
    next(results)
    results.close()  # warnings are errors here

    again = sorted(result for chunk in in_chunks(doubled, pieces(5), 2) for result, _ in chunk)
    assert again == [0, 2, 4, 6, 8]


# Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_jobs", [1, 2, 4])
def test_the_first_error_is_raised_whatever_the_number_of_processes(n_jobs, store, log):
    # With several processes, that of the signal 13 comes first.
    extractor = RefusingExtractor(refused=(10, 13), late=n_jobs > 1, log=log, n_jobs=n_jobs)

    with pytest.raises(ArithmeticError, match=r"^10 is not to my taste") as caught:
        extractor.transform(batch(memory=store))

    assert caught.value.__notes__ == ["while computing X[10]"]
    # Those before it at least.
    assert len(store) >= 10
    assert store.verify() == 0


def test_an_error_in_a_worker_tells_where_it_was_raised():
    with pytest.raises(ArithmeticError) as caught:
        RefusingExtractor(refused=(3,), n_jobs=2).transform(batch(8))

    assert "in signal_values" in str(caught.value.__cause__)


@pytest.mark.parametrize("n_jobs", [1, 2, 4])
def test_of_many_rates_the_first_two_are_told_whatever_the_number_of_processes(n_jobs):
    rates = [RATE] * 20 + [16000, 11025, 22050, 44100] * 5
    signals = SignalBatch([Signal(np.ones(1000), rate) for rate in rates])

    with pytest.raises(AudioError, match=r"8000 Hz \(X\[0\]\) and 16000 Hz \(X\[20\]\)"):
        RMSExtractor(n_jobs=n_jobs).transform(signals)


def test_prefetch_tells_errors_in_the_order_of_the_recordings(store, log):
    extractor = RefusingExtractor(refused=(10, 13, 30), late=True, log=log)

    done = prefetch(
        make_pipeline(Loader(memory=store), extractor), sounds(N_SOUNDS), n_jobs=2, progress=False
    )

    assert [str(error)[:2] for error in done.errors] == ["10", "13", "30"]
    assert done.n_computed == N_SOUNDS - 3


# Killed workers ------------------------------------------------------------------------------

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@posix
def test_a_recording_that_kills_its_worker_fails_and_all_others_have_their_rows(store):
    extractor = DeadlyExtractor(deadly=(7,), n_jobs=2)
    model = make_pipeline(Loader(memory=store), extractor)

    done = prefetch(model, sounds(N_SOUNDS), n_jobs=2, progress=False)

    (error,) = done.errors
    assert isinstance(error, WorkerKilledError)
    assert error.position == 7
    assert done.n_computed == len(store) == N_SOUNDS - 1

    # Now it is the only one that is left, and it does not kill this process either.
    again = prefetch(model, sounds(N_SOUNDS), n_jobs=2, progress=False)
    assert [error.position for error in again.errors] == [7]
    assert (again.n_found, again.n_computed) == (N_SOUNDS - 1, 0)

    rows = extractor.transform(batch(memory=store)[np.arange(N_SOUNDS) != 7])
    right = LevelExtractor().transform(batch())
    np.testing.assert_array_equal(rows, np.delete(right, 7, axis=0))


@posix
@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("SIGKILL", r"SIGKILL.* because memory ran out"),
        ("SIGSEGV", r"SIGSEGV.* compiled code has crashed"),
        ("exit", r"EXIT\(3\).* because memory ran out"),
    ],
)
def test_the_error_of_a_killed_worker_names_the_recording(way, message, store, tmp_path):
    recordings = [{"array": sound["array"], "sampling_rate": RATE} for sound in sounds(12)]
    for position, recording in enumerate(recordings):
        recording["path"] = f"bark {position}.wav"
    extractor = DeadlyExtractor(deadly=(4,), way=way, n_jobs=2)

    with pytest.raises(WorkerKilledError, match=message) as caught:
        extractor.transform(Loader(memory=store).transform(recordings))

    assert caught.value.position == 4
    assert "X[4]" in str(caught.value)
    # Those before it at least.
    assert len(store) >= 4


# Threads and backends ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seen():
    """Return how many threads processes of several kinds use where the user asks for four."""
    wish = dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "4")
    answer = subprocess.run(
        [sys.executable, Path(__file__).with_name("threads_of_workers.py")],
        env={**os.environ, **wish},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


LIBRARIES = ["linear algebra", "OpenMP", "numba", "NUMBA_NUM_THREADS"]


def n_threads(seen, library):
    return {one[library] for one in seen}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("way", ["workers", "loky", "n_jobs of joblib"])
def test_a_worker_uses_one_thread(seen, way, library, show):
    ours, others = n_threads(seen[way], library), n_threads(seen["joblib"], library)
    show(f"threads of {library} in a worker, {way}: {ours}; of joblib alone: {others}")

    assert ours == {1}
    # Otherwise nothing was tried. (OpenBLAS takes no more than there are processors.)
    assert others == {4} or library == "linear algebra"
    assert seen["this process"] not in n_threads(seen[way], "process")


@pytest.mark.parametrize(
    "way", ["workers", "in this process", "threading", "multiprocessing", "loky with 3 threads"]
)
def test_linear_algebra_uses_one_thread_wherever_it_runs(seen, way):
    assert n_threads(seen[way], "linear algebra") == {1}


def test_a_backend_that_the_user_has_chosen_is_used(seen):
    assert n_threads(seen["loky with 3 threads"], "NUMBA_NUM_THREADS") == {3}
    assert n_threads(seen["threading"], "process") == {seen["this process"]}
    forked = n_threads(seen["multiprocessing"], "process")
    assert forked
    assert seen["this process"] not in forked
    # It has no setting of threads for its workers, and none is forced upon it.
    assert n_threads(seen["multiprocessing"], "NUMBA_NUM_THREADS") == {4}
