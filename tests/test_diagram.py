"""The diagram of an estimator leads to its page in the documentation."""

import re
import tomllib

import pytest
from conftest import ROOT
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils import estimator_html_repr

import sklearn_audio
from sklearn_audio import FeatureUnion, Loader, MFCCExtractor, Resampler, make_union

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ADDRESS = PROJECT["urls"]["Documentation"] + "generated/"
# The reference makes a page of each of these names.
PAGES = set(re.findall(r"^   (\w+)$", (ROOT / "docs" / "api.md").read_text(), re.M))
ESTIMATORS = [
    name
    for name in sklearn_audio.__all__
    if isinstance(value := getattr(sklearn_audio, name), type) and issubclass(value, BaseEstimator)
]
BRANCHES = [("scaled", StandardScaler())]


def made(name):
    arguments = {"Resampler": [8000], "FixedLength": [1.0], "FeatureUnion": [BRANCHES]}
    return getattr(sklearn_audio, name)(*arguments.get(name, []))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_leads_to_the_page_that_the_reference_makes_of_it(name):
    assert name in PAGES
    link = f'href="{ADDRESS}sklearn_audio.{name}.html"'
    assert link in estimator_html_repr(made(name))


def test_diagram_of_a_pipeline_leads_to_the_pages_of_all_its_parts():
    union = make_union(MFCCExtractor(), sklearn_audio.ChromaExtractor())
    diagram = estimator_html_repr(make_pipeline(Loader(), Resampler(8000), union, SVC()))
    pages = re.findall(rf'href="{re.escape(ADDRESS)}sklearn_audio\.(\w+)\.html"', diagram)
    assert pages == ["Loader", "Resampler", "FeatureUnion", "MFCCExtractor", "ChromaExtractor"]


@pytest.mark.parametrize("base", [MFCCExtractor, FeatureUnion])
def test_a_class_of_somebody_else_leads_nowhere_even_of_the_same_name(base):
    other = type(base.__name__, (base,), {"__module__": "their_package"})
    diagram = estimator_html_repr(other(BRANCHES) if base is FeatureUnion else other())
    assert "sklearn_audio." not in "".join(re.findall('href="[^"]*', diagram))
