"""Everything that the documentation shows runs."""

import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpydoc.validate
import pytest
from sklearn.utils.estimator_checks import check_estimator

import sklearn_audio
from sklearn_audio import AudioError
from sklearn_audio.base import FeatureExtractor

ROOT = Path(__file__).parents[1]
MODULES = [
    module.name for module in pkgutil.walk_packages(sklearn_audio.__path__, "sklearn_audio.")
]
DOCS = ROOT / "docs"
PAGES = [
    str(page.relative_to(ROOT))
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    if not page.is_relative_to(DOCS / "_build") and not page.is_relative_to(DOCS / "generated")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_give_what_they_say(name):
    module = importlib.import_module(name)
    results = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0


def test_every_public_estimator_and_function_has_an_example():
    without = [
        name
        for name in sklearn_audio.__all__
        if ">>>" not in (getattr(sklearn_audio, name).__doc__ or "")
    ]
    assert without == []


@pytest.mark.filterwarnings("ignore::sklearn_audio.errors.FailedSignalsWarning")
@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_of_a_page_run_one_after_the_other(page, tmp_path, monkeypatch):
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S)
    if page in {"README.md", "docs/user_guide/tuning.md"}:
        assert len(blocks) >= 2
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    namespace = {"__name__": "__main__"}
    for block in blocks:
        exec(compile(block, page, "exec"), namespace)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")


@pytest.mark.parametrize("page", [*PAGES, "SECURITY.md", "CHANGELOG.md"])
def test_links_of_a_page_to_others_lead_to_files(page):
    path = ROOT / page
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
    links = [link for link in links if "generated/" not in link]  # made when the site is built
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_first_example_of_the_readme_has_at_most_fifteen_lines():
    first = re.search(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len([line for line in first[1].splitlines() if line.strip()]) <= 15


def test_quickstart_trains_saves_and_predicts(tmp_path):
    result = subprocess.run(
        [sys.executable, ROOT / "examples" / "quickstart.py", "--output", tmp_path],
        check=True,
        capture_output=True,
        text=True,
    )
    accuracy = float(re.search(r"Cross-validated accuracy: ([\d.]+)", result.stdout)[1])
    assert accuracy > 0.7  # of five classes, the largest with 28 %
    assert "The loaded model takes" in result.stdout
    assert "30/30" in result.stderr  # the progress line
    assert (tmp_path / "confusion_matrix.png").stat().st_size > 10_000
    assert (tmp_path / "model.joblib").is_file()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no recordings under"),
        (
            ["dog/1.wav", "dog/2.wav"],
            "at least two classes of two recordings are needed; .* 2 of dog",
        ),
        (["dog/1.wav", "dog/2.wav", "cat/1.wav", "cat/2.wav"], r"[12]\.wav .*it is empty"),
    ],
    ids=["empty", "one class", "no sound"],
)
def test_quickstart_says_what_is_wrong_with_a_folder_in_one_line(names, message, tmp_path):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    result = subprocess.run(
        [sys.executable, ROOT / "examples" / "quickstart.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert re.search(message, result.stderr.splitlines()[-1])
    assert "Traceback" not in result.stderr


def public_objects():
    """Yield the dotted names of public classes and functions."""
    for module in map(importlib.import_module, MODULES):
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
                continue
            if getattr(value, "_is_protocol", False):
                continue
            if inspect.isfunction(value) or inspect.isclass(value):
                yield f"{module.__name__}.{name}"


# What `make check` lints as text, and what only imported objects show: inherited parameters and
# properties. The codes left out are explained in pyproject.toml; YD01 is about generators, and PR03
# about the order of parameters, which has no meaning for extractors: theirs are all keywords.
LEFT_OUT = {"GL01", "SA01", "EX01", "ES01", "SA04", "RT02", "GL08", "YD01", "PR03"}


@pytest.mark.parametrize("name", sorted(public_objects()))
def test_docstring_tells_all_parameters_and_results(name):
    errors = numpydoc.validate.validate(name)["errors"]
    module, _, own_name = name.rpartition(".")
    value = getattr(importlib.import_module(module), own_name)
    # The kinds of AudioError take what it takes.
    inherits = value is not AudioError and inspect.isclass(value) and issubclass(value, AudioError)
    left_out = {*LEFT_OUT, "PR01"} if inherits else LEFT_OUT
    assert [error for error in errors if error[0] not in left_out] == []


def features_of_the_table():
    """Return what the table of features says: by class, the number of values and whole signal."""
    page = (DOCS / "user_guide/features.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d+)(, whole signal)? \|", page, re.M)
    return {name: (int(n_values), bool(whole)) for name, n_values, whole in rows}


def test_table_of_features_is_complete_and_counts_the_values():
    extractors = {
        name: value()
        for name in sklearn_audio.__all__
        if isinstance(value := getattr(sklearn_audio, name), type)
        and issubclass(value, FeatureExtractor)
    }
    assert features_of_the_table() == {
        name: (len(extractor.value_names()), "summary" not in extractor.get_params())
        for name, extractor in extractors.items()
    }


def test_reference_lists_every_public_name():
    page = (DOCS / "api.md").read_text()
    listed = {line.strip().removeprefix("errors.") for line in page.splitlines()}
    public = list(sklearn_audio.__all__)
    for package in ["datasets", "inspection", "model_selection", "plotting", "reporting"]:
        module = importlib.import_module(f"sklearn_audio.{package}")
        public += [f"{package}.{name}" for name in module.__all__ if name not in public]
    assert [name for name in public if name not in listed] == []


def lines_of_code(cls):
    """Return how many lines of a class are neither blank, nor a comment, nor a docstring."""
    source = re.sub(r'"""(?s:.*?)"""', "", inspect.getsource(cls))
    return sum(1 for line in source.splitlines() if re.match(r"\s*[^\s#]", line))


@pytest.mark.parametrize("name", sorted(features_of_the_table()))
def test_no_feature_is_longer_than_its_documentation(name):
    extractor = getattr(sklearn_audio, name)
    assert lines_of_code(extractor) <= len(inspect.getdoc(extractor).splitlines())


@pytest.mark.filterwarnings("ignore")  # some checks test that warnings do no harm
def test_feature_of_the_readme_is_short_and_passes_all_checks_of_scikit_learn(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # one check is skipped without it
    section = (ROOT / "README.md").read_text().split("## A feature of your own\n")[1]
    definition = re.search(r"^class (\w+)\(.*?\n\n\n", section, re.M | re.S)
    assert len([line for line in definition[0].splitlines() if line.strip()]) <= 15
    # In a module of its own, since what is pickled has to be found again.
    imports = "import numpy as np\nfrom sklearn_audio.features import SpectrumExtractor\n"
    (tmp_path / "feature_of_the_readme.py").write_text(imports + definition[0])
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("feature_of_the_readme")
    extractor = getattr(module, definition[1])(sample_rate=8000)
    results = check_estimator(extractor, on_skip=None, on_fail=None)
    assert {result["check_name"] for result in results if result["status"] != "passed"} == set()
    assert len(results) >= 35
    tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    assert extractor.fit_transform([tone])[0, 0] == 1000
