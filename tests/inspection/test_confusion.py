"""The recordings that a classifier takes for something else: which, in which order, how shown."""

import base64
import io
import re
import shutil
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import soundfile
from conftest import as_kind
from counting import CountedExtractor, calls, write_recordings
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_audio import (
    Loader,
    MFCCExtractor,
    PreEmphasis,
    Resampler,
    RMSExtractor,
    Signal,
    SignalBatch,
    SpectralCentroidExtractor,
    make_union,
)
from sklearn_audio.datasets import load_percussion
from sklearn_audio.errors import FailedSignalsWarning
from sklearn_audio.inspection import ConfusionPlayer, confusion_player

RATE = 8000


def levels(*peaks):
    """Return a batch of noise of some levels, a tenth of a second each."""
    noise = np.random.default_rng(0).uniform(-1, 1, 800)
    return SignalBatch([Signal(peak * noise, RATE) for peak in peaks])


def fitted_to_levels(classifier):
    """Return a model of three levels of noise."""
    model = make_pipeline(RMSExtractor(summary=["mean"]), StandardScaler(), classifier)
    return model.fit(
        levels(*QUIET, *MIDDLE, *LOUD), np.repeat(["loud", "middle", "quiet"], 4)[::-1]
    )


QUIET, MIDDLE, LOUD = (0.1, 0.12, 0.14, 0.16), (0.4, 0.42, 0.44, 0.46), (0.8, 0.82, 0.84, 0.86)


@pytest.fixture(scope="module")
def percussion():
    """Return the recordings, and a model fitted on every second one."""
    data = load_percussion()
    model = make_pipeline(
        Loader(), Resampler(16000), MFCCExtractor(), StandardScaler(), LogisticRegression()
    )
    data.model = model.fit(data.paths[::2], data.target[::2])
    return data


def rows_of(html):
    """Return the text of each cell of the rows of a table; a parser of HTML undoes escapes."""

    class Rows(HTMLParser):
        found = []

        def handle_starttag(self, tag, attrs):
            if tag == "tr":
                self.found.append([])
            elif tag in {"td", "th"}:
                self.found[-1].append("")

        def handle_data(self, data):
            if self.found:
                self.found[-1][-1] += data

    parser = Rows()
    parser.found = []
    parser.feed(html)
    return parser.found


def sounds_of(html):
    """Return the samples and the rate of each player."""
    contents = re.findall(r'<audio [^>]*src="data:audio/mpeg;base64,([^"]+)"', html)
    return [soundfile.read(io.BytesIO(base64.b64decode(content))) for content in contents]


# Table ---------------------------------------------------------------------------------------


def test_the_table_holds_what_predict_gets_wrong(percussion):
    confusion = confusion_player(percussion.model, percussion.paths, percussion.target)

    predicted = percussion.model.predict(percussion.paths)
    wrong = np.flatnonzero(predicted != percussion.target)
    assert len(wrong) > 5
    table = confusion.table.sort_values("position")
    assert table["position"].tolist() == wrong.tolist()
    assert table["source"].tolist() == [percussion.paths[position] for position in wrong]
    assert table["true"].tolist() == percussion.target[wrong].tolist()
    assert table["predicted"].tolist() == predicted[wrong].tolist()


def test_the_margin_is_the_probability_of_the_wrong_class_less_that_of_the_true_one(percussion):
    table = confusion_player(percussion.model, percussion.paths, percussion.target).table

    probabilities = percussion.model.predict_proba(percussion.paths)[table["position"]]
    rows = np.arange(len(table))
    expected = probabilities.max(axis=1) - probabilities[rows, table["true"]]
    np.testing.assert_allclose(table["margin"], expected)
    assert (np.diff(table["margin"]) <= 0).all()


CLASSIFIERS = {
    "probabilities": LogisticRegression(C=10),
    "decision function, one versus rest": RidgeClassifier(),
    "decision function of an SVC, one versus rest": SVC(),
    "decision function of an SVC, one versus one": SVC(decision_function_shape="ovo"),
    "search": GridSearchCV(SVC(decision_function_shape="ovo"), {"C": [1]}, cv=2),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_worst_is_first_whatever_the_classifier_tells(name):
    model = fitted_to_levels(CLASSIFIERS[name])
    # The second is clearly loud, the first less so, and the third is what it is said to be.
    signals, labels = levels(0.7, 0.85, 0.85), ["middle", "middle", "loud"]
    assert model.predict(signals).tolist() == ["loud", "loud", "loud"]

    table = confusion_player(model, signals, labels).table

    assert table["position"].tolist() == [1, 0]
    assert (table["margin"] > 0).all()


@pytest.mark.parametrize(
    ("classifier", "method"),
    [(LogisticRegression(), "predict_proba"), (SVC(), "decision_function")],
    ids=["probabilities", "decision function"],
)
@pytest.mark.parametrize("true", ["quiet", "loud"])
def test_two_classes_have_margins_too(true, classifier, method):
    model = make_pipeline(RMSExtractor(summary=["mean"]), StandardScaler(), classifier)
    model.fit(levels(*QUIET, *LOUD), np.repeat(["quiet", "loud"], 4))
    signals = levels(0.3, 0.15) if true == "loud" else levels(0.6, 0.84)

    table = confusion_player(model, signals, [true, true]).table

    assert table["position"].tolist() == [1, 0]
    if method == "predict_proba":
        expected = np.abs(np.diff(model.predict_proba(signals), axis=1))[::-1, 0]
    else:
        expected = np.abs(model.decision_function(signals))[::-1]
    np.testing.assert_allclose(table["margin"], expected)


def test_pairs_of_one_versus_one_are_those_of_the_two_classes():
    """With four classes there are six pairs; each recording is compared by its own one."""
    peaks = np.repeat([0.1, 0.3, 0.6, 0.9], 3) + np.tile([0, 0.01, 0.02], 4)
    names = np.repeat(["a", "b", "c", "d"], 3)
    model = make_pipeline(
        RMSExtractor(summary=["mean"]), StandardScaler(), SVC(decision_function_shape="ovo")
    )
    model.fit(levels(*peaks), names)
    of_pairs = model.decision_function(levels(0.1, 0.9))
    pairs = ["ab", "ac", "ad", "bc", "bd", "cd"]

    # A recording of a that is said to be d, and one of d that is said to be b.
    table = confusion_player(model, levels(0.1, 0.9), ["d", "b"]).table.sort_values("position")

    assert table["predicted"].tolist() == ["a", "d"]
    expected = [of_pairs[0, pairs.index("ad")], -of_pairs[1, pairs.index("bd")]]
    np.testing.assert_allclose(table["margin"], expected)
    assert min(expected) > 0


def test_without_scores_the_order_is_that_of_x():
    class Silent(KNeighborsClassifier):
        predict_proba = property()  # hasattr is False

    model = fitted_to_levels(Silent(1))
    confusion = confusion_player(model, levels(0.7, 0.1, 0.9), ["quiet", "quiet", "middle"])
    assert confusion.table["position"].tolist() == [0, 2]
    assert confusion.table["margin"].isna().all()
    assert repr(confusion).startswith("2 of 3 recordings misclassified, in the order of X\n")
    assert [row[3] for row in rows_of(confusion._repr_html_())] == ["margin", "", ""]


@pytest.mark.parametrize(
    "classes", [np.array([3, 7]), np.array([False, True]), np.array(["a", "b"], dtype=object)]
)
def test_labels_may_be_of_any_kind(classes):
    model = make_pipeline(RMSExtractor(), KNeighborsClassifier(1))
    model.fit(levels(*QUIET, *LOUD), classes.repeat(4))

    table = confusion_player(model, levels(0.1, 0.1), pd.Series(classes, index=[8, 9])).table

    assert table["position"].tolist() == [1]
    assert table["true"].tolist() == [classes[1]]
    assert table["predicted"].tolist() == [classes[0]]


def test_classes_have_the_names_that_are_given(percussion):
    plain, named = (
        confusion_player(
            percussion.model, percussion.paths, percussion.target, display_labels=labels
        )
        for labels in (None, percussion.target_names)
    )
    assert named.table["true"].tolist() == [
        percussion.target_names[label] for label in plain.table["true"]
    ]
    assert named.table["predicted"].tolist() == [
        percussion.target_names[label] for label in plain.table["predicted"]
    ]


def test_each_recording_is_extracted_once(tmp_path):
    log = str(tmp_path / "calls.txt")
    paths = write_recordings(tmp_path / "recordings", 12)
    labels = np.arange(12) % 2
    model = make_pipeline(Loader(), CountedExtractor(log=log), LogisticRegression())
    model.fit(paths, labels)
    before = len(calls(log))

    assert len(confusion_player(model, paths, 1 - labels).table) > 3

    assert len(calls(log)) - before == 12


def test_of_a_search_the_best_estimator_is_taken(percussion):
    model = make_pipeline(Loader(), MFCCExtractor(), StandardScaler(), SVC())
    search = GridSearchCV(model, {"svc__C": [0.01, 1]}, cv=3).fit(
        percussion.paths, percussion.target
    )
    of_search, of_best = (
        confusion_player(each, percussion.paths, percussion.target).table
        for each in (search, search.best_estimator_)
    )
    assert len(of_best) > 3
    pd.testing.assert_frame_equal(of_search, of_best)


def test_a_model_of_whole_pipelines_is_taken_as_it_is(percussion):
    model = CalibratedClassifierCV(percussion.model, cv=3)
    model.fit(percussion.paths[::2], percussion.target[::2])

    confusion = confusion_player(model, percussion.paths, percussion.target, n_players=1)

    n_wrong = (model.predict(percussion.paths) != percussion.target).sum()
    assert len(confusion.table) == n_wrong > 3
    assert len(sounds_of(confusion._repr_html_())) == 1


# Page ----------------------------------------------------------------------------------------


def test_the_page_shows_the_worst_and_counts_the_others(percussion):
    confusion = confusion_player(
        percussion.model,
        percussion.paths,
        percussion.target,
        n_players=3,
        display_labels=percussion.target_names,
    )
    html = confusion._repr_html_()
    n_wrong = len(confusion.table)
    assert (
        f"<p>{n_wrong} of 92 recordings misclassified, worst first, by the margin of the "
        f"predicted class; {n_wrong - 3} more not shown</p>"
    ) in html
    header, *rows = rows_of(html)
    assert header == ["recording", "true", "predicted", "margin", "waveform", "sound"]
    for row, shown in zip(rows, confusion.table.head(3).itertuples(), strict=True):
        name = "/".join(shown.source.split("/")[-2:])
        assert row[:3] == [f"{name} X[{shown.position}]", shown.true, shown.predicted]
        assert float(row[3]) == pytest.approx(shown.margin, rel=5e-3)
    # A page that is given away does not tell the folders of the computer.
    assert shown.source.rpartition("/percussion/")[0] not in html
    assert html.count('<svg class="waveform"') == 3
    ElementTree.fromstring(f"<div>{html.replace('controls ', '')}</div>")  # all is closed


def test_the_sound_is_that_of_the_recording_before_the_steps(percussion):
    confusion = confusion_player(percussion.model, percussion.paths, percussion.target)

    sounds = sounds_of(confusion._repr_html_())

    assert len(sounds) == len(confusion.table) > 3
    for (samples, rate), path in zip(sounds, confusion.table["source"], strict=True):
        recorded, recorded_rate = soundfile.read(path)
        assert rate == recorded_rate == 22050  # though the pipeline resamples to 16 kHz
        assert len(samples) == len(recorded)
    longest = int(np.argmax([len(samples) for samples, _ in sounds]))
    recorded, _ = soundfile.read(confusion.table["source"][longest])
    assert np.corrcoef(sounds[longest][0], recorded)[0, 1] > 0.95


def test_of_long_recordings_the_beginning_is_played(percussion):
    confusion = confusion_player(percussion.model, percussion.paths, percussion.target, seconds=0.2)
    html = confusion._repr_html_()
    frames = [soundfile.info(path).frames for path in confusion.table["source"]]
    assert [len(samples) for samples, _ in sounds_of(html)] == [min(n, 4410) for n in frames]
    assert html.count("the first 0.2 s of") == sum(n > 4410 for n in frames) > 0


def test_names_of_files_and_classes_are_text_and_no_markup(tmp_path):
    name = "<img src=x onerror=alert(1)>\"'&.wav"
    quiet, loud = write_recordings(tmp_path / "recordings", 2)
    shutil.copy(loud, tmp_path / name)
    model = make_pipeline(Loader(), RMSExtractor(), KNeighborsClassifier(1))
    model.fit([quiet, loud], [0, 1])

    confusion = confusion_player(
        model, [str(tmp_path / name)], [0], display_labels=["<b>quiet</b>", "<script>loud"]
    )

    html = confusion._repr_html_()
    assert not re.search("<img|<b>|<script", html)
    [_, row] = rows_of(html)
    assert row[:3] == [f"{tmp_path.name}/{name} X[0]", "<b>quiet</b>", "<script>loud"]
    assert confusion.table["source"][0] == str(tmp_path / name)


def test_a_recording_that_cannot_be_decoded_shows_its_error(tmp_path):
    paths = write_recordings(tmp_path / "recordings", 8)
    labels = np.arange(8) % 2
    (tmp_path / "<broken>.wav").write_bytes(b"no sound at all")
    mixed = [*paths, str(tmp_path / "<broken>.wav"), str(tmp_path / "<broken>.wav")]
    model = make_pipeline(
        Loader(on_error="nan"), RMSExtractor(), SimpleImputer(), KNeighborsClassifier(1)
    )
    model.fit(paths, labels)

    with pytest.warns(FailedSignalsWarning, match="2 of 10 signals failed"):
        confusion = confusion_player(model, mixed, [*labels, 0, 1])

    assert len(confusion.table) == 1
    html = confusion._repr_html_()
    assert "<audio" not in html
    [_, row] = rows_of(html)
    assert row[0].startswith(f"{tmp_path.name}/<broken>.wav X[")
    assert row[-1].startswith("UnsupportedAudioError: ")


def test_a_recording_that_is_gone_in_the_meantime_shows_its_error(tmp_path):
    paths = write_recordings(tmp_path / "recordings", 4)
    model = make_pipeline(Loader(), RMSExtractor(), KNeighborsClassifier(1))
    model.fit(paths, [0, 1, 0, 1])
    confusion = confusion_player(model, paths, [1, 1, 1, 1])
    shutil.rmtree(tmp_path / "recordings")

    rows = rows_of(confusion._repr_html_())[1:]

    assert len(rows) == 2
    assert all(row[-1].startswith("MissingAudioError: ") for row in rows)


def test_plain_arrays_are_played_at_the_rate_that_the_extractors_are_told(equal_signals, kind):
    model = make_pipeline(
        PreEmphasis(),
        make_union(RMSExtractor(), SpectralCentroidExtractor(sample_rate=RATE)),
        KNeighborsClassifier(1),
    )
    signals = as_kind(equal_signals, kind)
    model.fit(signals, list("aabbb"))

    confusion = confusion_player(model, signals, list("babbb"))

    [(samples, rate)] = sounds_of(confusion._repr_html_())
    assert rate == RATE
    assert np.corrcoef(samples, equal_signals[0])[0, 1] > 0.95
    assert confusion.table["source"].tolist() == ["X[0]"]


def test_plain_arrays_that_are_resampled_are_played_at_their_rate_before(equal_signals):
    model = make_pipeline(
        Resampler(4000, sample_rate=RATE),
        SpectralCentroidExtractor(sample_rate=4000),
        KNeighborsClassifier(1),
    )
    model.fit(equal_signals, list("aabbb"))
    confusion = confusion_player(model, equal_signals, list("babbb"))
    [(samples, rate)] = sounds_of(confusion._repr_html_())
    assert rate == RATE
    assert len(samples) == equal_signals.shape[1]


def test_plain_arrays_of_unknown_rate_have_a_waveform_and_a_note(equal_signals):
    model = make_pipeline(RMSExtractor(), KNeighborsClassifier(1))
    model.fit(equal_signals, list("aabbb"))
    html = confusion_player(model, equal_signals, list("babbb"))._repr_html_()
    assert "<audio" not in html
    assert html.count("<svg") == 1
    assert rows_of(html)[1][-1] == "the rate is not known: plain arrays carry none"


def test_where_all_is_right_it_says_so(equal_signals):
    model = make_pipeline(RMSExtractor(), KNeighborsClassifier(1))
    model.fit(equal_signals, list("aabbb"))
    confusion = confusion_player(model, equal_signals, list("aabbb"))
    assert repr(confusion) == "all 5 recordings are classified right"
    assert confusion._repr_html_() == "<p>all 5 recordings are classified right</p>"
    assert confusion.table.empty
    assert confusion.table.columns.tolist() == [
        "position",
        "source",
        "true",
        "predicted",
        "margin",
    ]


def test_as_text_it_is_the_count_and_the_table(percussion):
    confusion = confusion_player(percussion.model, percussion.paths, percussion.target, n_players=2)
    headline, *lines = repr(confusion).splitlines()
    assert headline.startswith(f"{len(confusion.table)} of 92 recordings misclassified")
    assert "\n".join(lines) == confusion.table[:2].to_string(index=False)


def test_making_one_reads_nothing(tmp_path):
    missing = Loader().transform([str(tmp_path / "missing.wav")])
    table = pd.DataFrame(
        {"position": [0], "source": ["a"], "true": ["b"], "predicted": ["c"], "margin": [1.0]}
    )
    confusion = ConfusionPlayer(table=table, n_recordings=1, signals=missing)
    assert "MissingAudioError" in confusion._repr_html_()


# Errors --------------------------------------------------------------------------------------


def test_a_model_that_is_not_fitted_is_an_error(percussion):
    model = make_pipeline(Loader(), MFCCExtractor(), SVC())
    with pytest.raises(NotFittedError, match="not fitted"):
        confusion_player(model, percussion.paths, percussion.target)


def test_what_is_no_classifier_is_an_error(percussion):
    model = make_pipeline(Loader(), RMSExtractor(), LinearRegression())
    model.fit(percussion.paths, percussion.target)
    with pytest.raises(
        ValueError, match="step of the Pipeline is a LinearRegression, which is no classifier"
    ):
        confusion_player(model, percussion.paths, percussion.target)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1], r"y has the shape \(2,\) and X holds 92 recordings; one label"),
        (np.zeros((92, 2)), r"y has the shape \(92, 2\) and X holds 92"),
        (["dog"] * 92, "y holds dog, which the classifier has not learned; its classes are 0, 1"),
        ([9] * 92, "y holds 9, which"),
    ],
    ids=["length", "labels of two kinds", "other names", "other numbers"],
)
def test_labels_that_do_not_fit_are_an_error(y, message, percussion):
    with pytest.raises(ValueError, match=message):
        confusion_player(percussion.model, percussion.paths, y)


def test_names_of_classes_that_are_too_few_are_an_error(percussion):
    with pytest.raises(ValueError, match=r"display_labels holds 2 names, .* learned 5 classes"):
        confusion_player(
            percussion.model, percussion.paths, percussion.target, display_labels=["a", "b"]
        )


@pytest.mark.parametrize("n_players", [0, -1, 2.5, None])
def test_a_number_of_players_below_one_is_an_error(n_players, percussion):
    with pytest.raises(ValueError, match=f"n_players={n_players}; an int of at least 1"):
        confusion_player(percussion.model, percussion.paths, percussion.target, n_players=n_players)


# Recordings ----------------------------------------------------------------------------------


@pytest.mark.shared_data
def test_digits_of_a_speaker_whom_the_model_does_not_know_are_misclassified(shared_data):
    folder = shared_data / "spoken-digits"
    names = ["jackson", "nicolas", "yweweler"]
    recordings = [(d, name, i) for name in names for d in range(10) for i in range(10)]
    paths = [str(folder / f"{digit}_{name}_{index}.flac") for digit, name, index in recordings]
    digits = np.array([digit for digit, _, _ in recordings])
    model = make_pipeline(Loader(), MFCCExtractor(), StandardScaler(), SVC())
    model.fit(paths[:200], digits[:200])

    confusion = confusion_player(model, paths[200:], digits[200:], n_players=5)

    accuracy = model.score(paths[200:], digits[200:])
    assert len(confusion.table) == round((1 - accuracy) * 100) > 10
    sounds = sounds_of(confusion._repr_html_())
    assert [len(samples) for samples, _ in sounds] == [
        soundfile.info(path).frames for path in confusion.table["source"][:5]
    ]
