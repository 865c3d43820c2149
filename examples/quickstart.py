"""From a folder of recordings to a tuned, saved classifier.

Run it without an argument for the small data set of percussion that comes with the package, or
give it a folder of your own with one subfolder of recordings a class:

    python examples/quickstart.py
    python examples/quickstart.py path/to/recordings

It searches one parameter of a feature and one of the classifier by cross-validation, prints the
results and a report, saves the confusion matrix as a picture and the model as a file, loads the
model again and asks it for the class of one recording.
"""

import argparse
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, classification_report
from sklearn.model_selection import (
    GridSearchCV,
    ParameterGrid,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from tqdm import tqdm

from sklearn_audio import (
    ChromaExtractor,
    Loader,
    MFCCExtractor,
    PreEmphasis,
    Resampler,
    SpectralCentroidExtractor,
    SpectralRolloffExtractor,
    ZeroCrossingRateExtractor,
    make_union,
)
from sklearn_audio.datasets import load_audio_files, load_percussion

plt.switch_backend("agg")  # pictures go to files, so no screen is needed

SUMMARY = ("mean", "std", "min", "max")
GRID = {
    "featureunion__mfccextractor__n_mfcc": [13, 20],
    "svc__C": [1, 10, 100],
}


def make_model():
    """Return the pipeline: from paths to classes."""
    return make_pipeline(
        Loader(),
        Resampler(target_rate=16000),
        PreEmphasis(),
        make_union(
            MFCCExtractor(n_deltas=1, summary=SUMMARY),
            ChromaExtractor(summary=SUMMARY),
            SpectralCentroidExtractor(summary=SUMMARY),
            SpectralRolloffExtractor(summary=SUMMARY),
            ZeroCrossingRateExtractor(summary=SUMMARY),
        ),
        StandardScaler(),
        SVC(),
    )


def search_with_progress(model, data, folds):
    """Return the fitted search; a line tells how far it is."""
    n_fits = len(ParameterGrid(GRID)) * folds.get_n_splits()
    with tqdm(total=n_fits, desc="Cross-validation", unit="fit") as progress:

        def accuracy(estimator, X, y):
            progress.update()
            return accuracy_score(y, estimator.predict(X))

        search = GridSearchCV(
            model, GRID, scoring=accuracy, cv=folds, n_jobs=2, error_score="raise"
        )
        # Threads, so that they share the line; decoding and transforms do run side by side.
        with joblib.parallel_config(backend="threading"):
            return search.fit(data.paths, data.target)


def results_table(search):
    """Return the mean accuracy of every candidate, the best first."""
    results = pd.DataFrame(search.cv_results_).sort_values("rank_test_score")
    columns = {f"param_{name}": name.split("__")[-1] for name in GRID}
    columns |= {"mean_test_score": "accuracy", "std_test_score": "std over folds"}
    return results[list(columns)].rename(columns=columns)


def save_confusion_matrix(target, predicted, target_names, path):
    """Draw which classes are taken for which."""
    size = 3 + 0.4 * len(target_names)
    figure, axes = plt.subplots(figsize=(size, size), layout="constrained")
    ConfusionMatrixDisplay.from_predictions(
        target,
        predicted,
        display_labels=target_names,
        xticks_rotation="vertical",
        cmap="Blues",
        colorbar=False,
        ax=axes,
    )
    axes.set_title("Cross-validated predictions")
    figure.savefig(path, dpi=150)
    plt.close(figure)


def load(folder):
    """Return the recordings of a folder, or those that come with the package."""
    data = load_percussion() if folder is None else load_audio_files(folder)
    counts = np.bincount(data.target)
    if len(counts) < 2 or counts.min() < 2:
        found = ", ".join(map("{} of {}".format, counts, data.target_names))
        raise ValueError(f"at least two classes of two recordings are needed; {folder} has {found}")
    return data


def main(folder, output):
    """Do all of it."""
    data = load(folder)
    print(f"{len(data.paths)} recordings, {len(data.target_names)} classes: ", end="")
    print(", ".join(data.target_names))
    n_splits = min(5, np.bincount(data.target).min())
    folds = StratifiedKFold(n_splits=n_splits, shuffle=True, random_state=0)

    search = search_with_progress(make_model(), data, folds)
    print("\nEvery candidate, the best first:")
    print(results_table(search).to_string(index=False, float_format="%.3f"))

    model = search.best_estimator_
    predicted = cross_val_predict(model, data.paths, data.target, cv=folds, n_jobs=2)
    print(f"\nCross-validated accuracy: {accuracy_score(data.target, predicted):.3f}")
    print(classification_report(data.target, predicted, target_names=data.target_names))

    output.mkdir(parents=True, exist_ok=True)
    picture, file = output / "confusion_matrix.png", output / "model.joblib"
    save_confusion_matrix(data.target, predicted, data.target_names, picture)
    joblib.dump(model, file)
    print(f"Saved the picture {picture} and the model {file}")

    path = data.paths[0]
    [label] = joblib.load(file).predict([path])
    print(f"The loaded model takes {Path(path).name} for: {data.target_names[label]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="one subfolder of recordings a class")
    parser.add_argument(
        "--output", type=Path, default=Path("quickstart-output"), help="where the results go"
    )
    arguments = parser.parse_args()
    try:
        main(arguments.folder, arguments.output)
    except (OSError, ValueError) as error:  # an AudioError is a ValueError
        parser.exit(1, f"{error}\n")
