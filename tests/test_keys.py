"""What a row is known by: values written down, and what changes them and what does not."""

import importlib
import inspect
import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sklearn_audio
from sklearn_audio import (
    HTKMFCCExtractor,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    Resampler,
    RMSExtractor,
    RowStore,
    Signal,
    SignalBatch,
)
from sklearn_audio.base import AudioTransformer, FeatureExtractor, SignalTransformer
from sklearn_audio.errors import RowStoreWarning
from sklearn_audio.features import (
    CepstralExtractor,
    SpectrumExtractor,
    WaveformExtractor,
)
from sklearn_audio.keys import digest_of, digest_of_chain, digest_of_file


def key_of(*estimators):
    return digest_of_chain(estimators).hex()


def in_a_new_process(program, *arguments, hash_seed="random"):
    """Return what a program prints in another process that sees the same modules."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
            # Sources are edited within a second here, and a cache of bytecode sees seconds.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    ).stdout


# Written down --------------------------------------------------------------------------------

# A row that was kept by another version, platform or process is found by these. Where one of them
# changes, all rows that users have kept are lost: there has to be a reason.
GOLDEN_KEYS = {
    "extractor": "f21a9602d29a69a7b835d561deee9a54",
    "chain": "5e04ca72476854ac25590b176c329210",
    "content": "56b5b9c69a9908674078573f2df2656b",
    "recording": "01a2bf90d4b50c2c26ef71775c45bdde",
    "offset and duration": "e10ef618717e78be99cd66f52ea7beed",
    "segment": "198dc7881bd19e332bb5fa84bc7cea14",
    "samples": "f4bcab4b6a8dad9b15a47d6a63ae8cc6",
    "samples without rate": "79b4ae914f8eb81fc6bcf2cb10a159dc",
}


def golden_keys(folder):
    """Compute what GOLDEN_KEYS says, with a recording of 16-bit PCM in a folder."""
    path = str(Path(folder) / "saw.wav")
    samples = np.tile(np.arange(-128, 128, dtype="<i2") * 64, 16)
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        file.writeframes(samples.tobytes())
    table = pd.DataFrame({"path": [path], "start": [0.125], "end": [0.25]})
    chain = [Resampler(target_rate=16000), PreEmphasis(), MFCCExtractor(n_mfcc=20)]
    in_memory = Signal(samples / np.float32(2**15), rate=8000)
    contents = {path: digest_of_file(path)}

    def recording(X, **parameters):
        source = Loader(**parameters).transform(X).sources[0]
        return digest_of(source.digest(contents)).hex()

    return {
        "extractor": key_of(MFCCExtractor()),
        "chain": digest_of_chain(chain).hex(),
        "content": contents[path].hex(),
        "recording": recording([path]),
        "offset and duration": recording([path], offset=0.125, duration=0.25),
        "segment": recording(table),
        "samples": digest_of(in_memory.digest({})).hex(),
        "samples without rate": digest_of(Signal(in_memory.samples).digest({})).hex(),
    }


def test_keys_are_those_that_are_written_down(tmp_path):
    assert golden_keys(tmp_path) == GOLDEN_KEYS


def test_keys_are_the_same_in_a_process_that_hashes_strings_otherwise(tmp_path):
    program = (
        "import json, sys, test_keys\n"
        "print(json.dumps([test_keys.golden_keys(sys.argv[1]), hash('row')]))"
    )
    keys, hash_of_row = json.loads(in_a_new_process(program, tmp_path, hash_seed="12345"))

    assert keys == GOLDEN_KEYS
    assert hash_of_row != hash("row")


def test_a_row_is_kept_under_the_key_of_its_chain_and_its_recording(tmp_path):
    store = RowStore(tmp_path / "rows")
    golden_keys(tmp_path)
    batch = Loader(memory=store).transform([tmp_path / "saw.wav"])
    batch = PreEmphasis().transform(Resampler(target_rate=16000).transform(batch))

    row = MFCCExtractor(n_mfcc=20).fit_transform(batch)[0]

    # The digest of what stands above under "chain" and of the digest of the recording.
    [kept] = store.find([bytes.fromhex("f15243d63d842daf3d9c02ba38910641")])
    np.testing.assert_array_equal(kept.values, row)
    assert kept.rate == 16000


# Parameters ----------------------------------------------------------------------------------


class Marked(SignalTransformer):
    """A step with a parameter of any kind."""

    def __init__(self, *, mark=None, n_jobs=None):
        self.mark = mark
        self.n_jobs = n_jobs

    def process(self, signal):
        return signal


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (1, 1.0),
        (1, np.int16(1)),
        (1, np.float32(1)),
        (0.5, np.float32(0.5)),
        (0, -0.0),
        (True, np.True_),
        ("hann", np.str_("hann")),
        (["mean", "std"], ("mean", "std")),
        (["mean", "std"], np.array(["mean", "std"])),
        ([1, 2.5], np.array([1, 2.5])),
        ((1, (2, 3)), [1.0, np.array([2, 3])]),
        (10**20, 1e20),
        ({"a": 1, "b": (2,)}, {"b": [2.0], "a": 1.0}),
    ],
    ids=repr,
)
def test_parameters_that_mean_the_same_have_the_same_key(one, same):
    assert key_of(Marked(mark=one)) == key_of(Marked(mark=same))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (False, 0),
        (False, None),
        (1, "1"),
        (None, "None"),
        (None, ()),
        (0.1, np.float32(0.1)),
        (0.1, np.nextafter(0.1, 1)),
        ([1, 2], [2, 1]),
        ([1, 2], [[1, 2]]),
        ([1, 2], [[1], 2]),
        ([True], [1]),
        (["ab"], ["a", "b"]),
        (["a,b"], ["a", "b"]),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"b": 1}),
        (2**53, 2**53 + 1),
        (float("inf"), float("-inf")),
    ],
    ids=repr,
)
def test_parameters_that_differ_have_different_keys(one, other):
    assert key_of(Marked(mark=one)) != key_of(Marked(mark=other))


numbers = st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from([0.5, 1e300, 2**60])
parameters = st.recursive(
    st.none() | st.booleans() | numbers | st.sampled_from(["", "1", "None", "bool", "[1]"]),
    lambda items: st.lists(items, max_size=3),
    max_leaves=4,
)


def mean_the_same(one, other):
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(mean_the_same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


@settings(max_examples=500, deadline=None)
@given(one=parameters, other=parameters)
def test_keys_are_equal_just_where_parameters_mean_the_same(one, other):
    equal = key_of(Marked(mark=one)) == key_of(Marked(mark=other))
    assert equal == mean_the_same(one, other)


NEEDED = {"Resampler": {"target_rate": 16000}, "FixedLength": {"duration": 1.0}}


def of_the_package(kind):
    """Return one of each public step or extractor."""
    public = [getattr(sklearn_audio, name) for name in sklearn_audio.__all__]
    return [
        cls(**NEEDED.get(cls.__name__, {}))
        for cls in public
        if inspect.isclass(cls) and issubclass(cls, kind)
    ]


STEPS_AND_EXTRACTORS = of_the_package(SignalTransformer) + of_the_package(FeatureExtractor)


def name_of(estimator):
    return type(estimator).__name__


def another(value):
    """Return a value that differs from that of a parameter as little as may be."""
    if isinstance(value, bool):
        return not value
    if value is None:
        return 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, (tuple, list)):
        return [*value, "max"]
    return np.nextafter(value, -np.inf) if isinstance(value, float) else value + 1


@pytest.mark.parametrize("estimator", STEPS_AND_EXTRACTORS, ids=name_of)
def test_every_parameter_is_in_the_key_but_the_number_of_processes(estimator):
    before = estimator.get_params()
    keys = {key_of(estimator)}
    for name, value in before.items():
        changed = type(estimator)(**{**before, name: another(value)})
        if name == "n_jobs":
            assert key_of(changed) == key_of(estimator)
        else:
            keys.add(key_of(changed))

    assert len(keys) == 1 + len(before.keys() - {"n_jobs"})


def test_classes_of_the_package_have_keys_of_their_own():
    keys = {key_of(estimator) for estimator in STEPS_AND_EXTRACTORS}
    assert len(keys) == len(STEPS_AND_EXTRACTORS) >= 58


def test_the_order_and_the_number_of_steps_are_in_the_key():
    first, second, extractor = PreEmphasis(), Marked(), RMSExtractor()
    chains = [
        (extractor,),
        (first, extractor),
        (first, first, extractor),
        (first, second, extractor),
        (second, first, extractor),
    ]
    assert len({key_of(*chain) for chain in chains}) == len(chains)


# Revisions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raised",
    [
        MFCCExtractor,
        HTKMFCCExtractor,
        CepstralExtractor,
        SpectrumExtractor,
        WaveformExtractor,
        FeatureExtractor,
        SignalTransformer,
        AudioTransformer,
    ],
)
def test_a_revision_changes_the_keys_of_a_class_and_those_below_it_and_no_other(
    raised, monkeypatch
):
    before = {estimator: key_of(estimator) for estimator in STEPS_AND_EXTRACTORS}

    monkeypatch.setattr(raised, "revision", 2, raising=False)

    changed = {name_of(one) for one in STEPS_AND_EXTRACTORS if key_of(one) != before[one]}
    assert changed == {name_of(one) for one in STEPS_AND_EXTRACTORS if isinstance(one, raised)}
    assert changed


def test_a_revision_of_a_step_changes_the_chain(monkeypatch):
    before = key_of(PreEmphasis(), RMSExtractor()), key_of(RMSExtractor())

    monkeypatch.setattr(PreEmphasis, "revision", 2, raising=False)

    after = key_of(PreEmphasis(), RMSExtractor()), key_of(RMSExtractor())
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_a_revision_of_a_class_is_told_from_one_of_its_base(monkeypatch):
    keys = [key_of(MFCCExtractor())]
    with monkeypatch.context() as patch:
        patch.setattr(MFCCExtractor, "revision", 2, raising=False)
        keys.append(key_of(MFCCExtractor()))
        patch.setattr(CepstralExtractor, "revision", 2, raising=False)
        keys.append(key_of(MFCCExtractor()))
        patch.setattr(CepstralExtractor, "revision", 3, raising=False)
        keys.append(key_of(MFCCExtractor()))
        patch.setattr(MFCCExtractor, "revision", 3, raising=False)
        keys.append(key_of(MFCCExtractor()))

    assert len(set(keys)) == 5


# Classes of users ----------------------------------------------------------------------------

GRUNT = """
from sklearn_audio.features import WaveformExtractor

class GruntExtractor(WaveformExtractor):
    factor: float = 1.0
    weigh: object = None

    def value_names(self):
        return ["grunt"]

    def signal_values(self, signal):
        return [[self.factor * signal.samples[0]]]
"""
LOUD_GRUNT = """
from {module} import GruntExtractor

class LoudGruntExtractor(GruntExtractor):
    factor: float = 2.0
"""
KEY = """
import importlib, sys
from sklearn_audio.keys import digest_of_chain
print(digest_of_chain([getattr(importlib.import_module(sys.argv[1]), sys.argv[2])()]).hex())
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Return the path of a module of a user, of which no other test knows."""
    monkeypatch.syspath_prepend(tmp_path)
    # It is edited within a second, and a cache of bytecode sees seconds.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = tmp_path / f"grunts_{tmp_path.name}.py"
    path.write_text(GRUNT)
    yield path
    for name in [name for name in sys.modules if name.endswith(path.stem)]:
        del sys.modules[name]


def key_in_a_new_process(module, name="GruntExtractor"):
    return in_a_new_process(KEY, module.stem, name).strip()


def test_a_class_of_a_user_has_the_same_key_in_another_process(module):
    grunt = importlib.import_module(module.stem).GruntExtractor

    assert key_of(grunt()) == key_in_a_new_process(module)
    assert key_of(grunt(factor=2)) != key_of(grunt())


def test_an_edited_source_is_another_key_when_it_is_imported_anew(module):
    grunt = importlib.import_module(module.stem).GruntExtractor
    before = key_of(grunt())

    module.write_text(GRUNT.replace("samples[0]", "samples[1]"))

    assert key_in_a_new_process(module) != before
    # What runs here is still the old code, so its rows are those of the old source.
    assert key_of(grunt()) == before


def test_an_edited_source_of_a_base_is_another_key(module):
    below = module.with_name(f"loud_{module.name}")
    below.write_text(LOUD_GRUNT.format(module=module.stem))
    before = key_of(importlib.import_module(below.stem).LoudGruntExtractor())

    module.write_text(GRUNT.replace("samples[0]", "samples[1]"))

    assert key_in_a_new_process(below, "LoudGruntExtractor") != before


def test_line_ends_of_a_source_are_not_in_the_key(module):
    before = key_of(importlib.import_module(module.stem).GruntExtractor())

    module.write_bytes(GRUNT.replace("\n", "\r\n").encode())

    assert key_in_a_new_process(module) == before


# What is computed and not kept ---------------------------------------------------------------


def batch_in(store, n_signals=3):
    generator = np.random.default_rng(0)
    signals = [Signal(generator.uniform(-1, 1, 100), 8000) for _ in range(n_signals)]
    return SignalBatch(signals, memory=store)


def loudest(value):
    return 2 * value


@pytest.mark.parametrize(
    ("function", "name"), [(lambda value: 2 * value, "<lambda>"), (loudest, "loudest")]
)
def test_rows_of_a_function_are_not_kept_with_one_warning(function, name, module, tmp_path):
    grunt = importlib.import_module(module.stem).GruntExtractor
    store = RowStore(tmp_path / "rows")
    batch = batch_in(store)

    with pytest.warns(
        RowStoreWarning,
        match=rf"^rows are computed and not kept: GruntExtractor has the function .*{name}, whose "
        "name does not tell what it does, among its parameters. Let numbers or strings say what ",
    ) as warned:
        rows, _ = (grunt(weigh=function).fit_transform(batch) for _ in range(2))

    assert len(warned) == 1
    np.testing.assert_array_equal(rows[:, 0], [signal.samples[0] for signal in batch])
    assert len(store) == 0


def test_rows_of_a_class_inside_a_function_are_not_kept_with_one_warning(tmp_path):
    class Halved(SignalTransformer):
        def process(self, signal):
            return Signal(signal.samples / 2, signal.rate)

    store = RowStore(tmp_path)
    batch = batch_in(store)

    with pytest.warns(
        RowStoreWarning,
        match=r"^rows are computed and not kept: \w+\.<locals>\.Halved is defined inside a "
        r"function, so its name .*\. Move it to a module of its own and import it$",
    ) as warned:
        rows, _ = (RMSExtractor().fit_transform(Halved().transform(batch)) for _ in range(2))

    assert len(warned) == 1
    assert len(store) == 0
    np.testing.assert_array_equal(rows, RMSExtractor().fit_transform(batch) / 2)
    assert len(store) == 3  # rows of other chains are kept as always


MAIN = """
import sys
import numpy as np
from sklearn_audio import Loader, RMSExtractor, RowStore
from sklearn_audio.features import WaveformExtractor

class Grunt(WaveformExtractor):
    def value_names(self):
        return ["grunt"]

    def signal_values(self, signal):
        return [[signal.samples[0]]]

class QuietRMS(RMSExtractor):
    pass

store = RowStore(sys.argv[1])
batch = Loader(memory=store).transform([{"array": [0.5, 1.0], "sampling_rate": 8000}])
for _ in range(2):
    print(Grunt().fit_transform(batch).tolist(), len(store))
print(QuietRMS().fit_transform(batch).shape, len(store))
print(RMSExtractor().fit_transform(batch).shape, len(store))
"""


def test_rows_of_a_class_of_the_main_program_are_not_kept_with_one_warning(tmp_path):
    program = tmp_path / "grunts.py"
    program.write_text(MAIN)

    done = subprocess.run(
        [sys.executable, program, tmp_path / "rows"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert done.stdout.splitlines() == ["[[0.5]] 0", "[[0.5]] 0", "(1, 2) 0", "(1, 2) 1"]
    for name in ("Grunt", "QuietRMS"):
        warning = (
            f"RowStoreWarning: rows are computed and not kept: {name} is defined in the main "
            "program or a notebook, so its name does not tell which code made a row. Move it to a "
            "module of its own and import it"
        )
        assert done.stderr.count(warning) == 1
    assert done.stderr.count("RowStoreWarning") == 2


def test_rows_of_a_class_without_source_are_not_kept_with_one_warning(tmp_path):
    namespace = {"__name__": "made_of_text"}
    exec(GRUNT, namespace)
    store = RowStore(tmp_path)

    with pytest.warns(
        RowStoreWarning, match="the source of GruntExtractor cannot be read"
    ) as warned:
        rows = namespace["GruntExtractor"]().fit_transform(batch_in(store))

    assert len(warned) == 1
    assert (rows.shape, len(store)) == ((3, 1), 0)
