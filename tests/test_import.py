"""What an import costs: only what every user needs."""

import subprocess
import sys

HEAVY = {
    "IPython",
    "librosa",
    "llvmlite",
    "matplotlib",
    "numba",
    "polars",
    "pooch",
    "requests",
    "scipy.signal",
    "sklearn.svm",
    "torch",
    "tqdm",
}


def modules_after(statement):
    """Return the modules that a fresh interpreter imports, as it reports them itself."""
    report = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", statement],
        check=True,
        capture_output=True,
        text=True,
    ).stderr
    return {line.rpartition("|")[2].strip() for line in report.splitlines()}


def test_import_loads_nothing_heavy():
    base = modules_after("import numpy, sklearn.pipeline, sklearn.utils")
    ours = modules_after("import numpy, sklearn.pipeline, sklearn.utils, sklearn_audio")
    assert {"sklearn_audio", "soundfile", "soxr"} <= ours
    added = ours - base
    assert added & HEAVY == set()
    # scikit-learn itself imports pandas where it is installed; we add none of it.
    assert not {name for name in added if name.split(".")[0] in {"pandas", "matplotlib"}}


def test_extracting_features_needs_no_librosa():
    """Importing librosa fails in a read-only container without HOME; a shipped model must not."""
    loaded = modules_after(
        "import numpy as np, sklearn_audio as sa; from sklearn_audio.base import FeatureExtractor;"
        "public = [getattr(sa, name) for name in sa.__all__];"
        "extractors = [each(sample_rate=22050) for each in public"
        " if isinstance(each, type) and issubclass(each, FeatureExtractor)];"
        "assert len(extractors) > 40;"
        "sa.make_union(*extractors).fit_transform(sa.SilenceTrimmer().fit_transform("
        "sa.PreEmphasis().fit_transform(np.random.default_rng(0).normal(size=(2, 22050)))))"
    )
    assert "sklearn_audio.features.mel" in loaded
    assert not {"librosa", "numba"} & loaded
