"""Tables of a set are those that pandas and scikit-learn make of it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from sklearn_audio.reporting import facts


@pytest.fixture
def table():
    """Return what scan could have told of 200 recordings."""
    generator = np.random.default_rng(0)
    n = 200
    table = pd.DataFrame(
        {
            "label": pd.Categorical(generator.choice(list("xyz"), n, p=[0.6, 0.3, 0.1])),
            "group": pd.Categorical(generator.integers(0, 8, n).astype(str)),
            "ok": generator.uniform(size=n) < 0.9,
            "rate": generator.choice([8000.0, 16000.0, 44100.0], n),
            "duration": generator.uniform(0.1, 5, n),
            "rms": generator.uniform(0, 0.5, n),
        }
    )
    table.loc[~table["ok"], ["rate", "duration", "rms"]] = np.nan
    table.loc[5:20, "label"] = np.nan
    table["duplicate_of"] = pd.array([pd.NA] * n, dtype="Int64")
    return table


def test_classes_are_counted_and_summed(table):
    classes = facts.by_class(table)

    for name, row in classes.iterrows():
        of_class = table[table["label"] == name]
        assert row["n"] == len(of_class)
        assert row["n_unusable"] == (~of_class["ok"]).sum()
        assert row["n_groups"] == len(set(of_class["group"]))
        assert row["seconds"] == pytest.approx(np.nansum(of_class["duration"]))
        assert row["median_seconds"] == np.nanmedian(of_class["duration"])
        assert row["median_rms"] == np.nanmedian(of_class["rms"])
    assert list(classes.index) == ["x", "y", "z"]


def test_groups_and_classes_are_crossed_as_by_pandas(table):
    groups, classes = ["7", "0", "3"], ["z", "x"]

    counts = facts.groups_by_classes(table, groups, classes)

    expected = pd.crosstab(table["group"], table["label"]).loc[groups, classes]
    np.testing.assert_array_equal(counts.to_numpy(), expected.to_numpy())
    several = (pd.crosstab(table["group"], table["label"]) > 0).sum(axis=1)
    assert facts.classes_of_groups(table).sort_index().to_dict() == several.to_dict()


def test_guess_from_a_rate_is_that_of_a_tree(table):
    known = table.dropna(subset=["label", "rate"])
    rates = OneHotEncoder().fit_transform(known[["rate"]])
    labels = known["label"].astype(str)

    share, without = facts.guessed_right(table, "rate")

    tree = DecisionTreeClassifier().fit(rates, labels)
    assert share == pytest.approx(tree.score(rates, labels))
    assert without == pytest.approx(labels.value_counts(normalize=True).max())


def test_copies_are_brought_together(table):
    table["ok"] = True
    table.loc[[7, 9], "duplicate_of"] = 3
    table.loc[100, "duplicate_of"] = 50

    assert [each.tolist() for each in facts.copies(table)] == [[3, 7, 9], [50, 100]]


def test_levels_are_those_of_physics():
    # Half the amplitude is 6.02 dB less.
    assert facts.in_decibels([1.0, 0.5]) == pytest.approx([0, -6.0206], abs=1e-4)
    assert facts.in_decibels([0.0]).tolist() == [-np.inf]
    assert np.isnan(facts.in_decibels([np.nan])).all()
