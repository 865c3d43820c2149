"""Files to rows, decoding included: a whole corpus in one process and in two."""

import os

import librosa
import numpy as np
import soundfile
from many_features import mean_and_std, nine_extractors
from measuring import SHARED, at_least, digit_files, medians, once, table
from peers import N_MFCC, afx

from sklearn_audio import Loader, MFCCExtractor, make_union


def bench_digits():
    """MFCC of all digit files."""
    paths = digit_files()
    extractor = MFCCExtractor(n_mfcc=N_MFCC, n_deltas=0)

    def by_librosa():
        rows = []
        for path in paths:
            samples, rate = soundfile.read(path, dtype="float32")
            rows.append(mean_and_std([librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=N_MFCC)]))
        return np.array(rows)

    def by_afx():
        rows = []
        for path in paths:
            samples, rate = afx.load_audio(path, sr=None)
            rows.append(mean_and_std([afx.FEATURE_MAP["mfcc"](samples, rate)["mfcc"]]))
        return np.array(rows)

    functions = {
        "sklearn_audio": lambda: extractor.transform(Loader().transform(paths)),
        "a loop over soundfile and librosa": by_librosa,
    }
    if afx:
        functions["a loop over afx-audio"] = by_afx
    functions["decoding alone, a loop over soundfile"] = lambda: [
        soundfile.read(path, dtype="float32") for path in paths
    ]
    seconds = medians(functions)
    title = f"MFCC of {len(paths)} spoken digits, mean and std, decoding included, one process"
    targets = at_least(
        4,
        seconds["a loop over soundfile and librosa"] / seconds["sklearn_audio"],
        "times as fast as the loop over librosa",
    )
    if afx:
        targets += at_least(
            1,
            seconds["a loop over afx-audio"] / seconds["sklearn_audio"],
            "times as fast as afx-audio",
        )
    return table(title, seconds, "sklearn_audio") + targets


def bench_workers():
    """Nine features of 900 MP3s by one worker and by two."""
    paths = sorted((SHARED / "instruments").rglob("*.mp3"))
    batch = Loader().transform(paths)
    functions = {}
    for name, n_jobs in (("one worker", None), ("two workers", 2)):
        union = make_union(*nine_extractors(), n_jobs=n_jobs)
        functions[name] = lambda union=union: union.transform(batch)
    # The files have been read once before the workers are started, which nothing did until now.
    functions["one worker"]()
    load = os.getloadavg()[0]
    cold = once(functions["two workers"])
    seconds = medians(functions)
    ours = seconds["one worker"]
    return (
        table(f"Nine features of {len(paths)} MP3s at 44.1 kHz", seconds, "one worker")
        + f"\nThe workers were started before, by a run that is not counted. That first run, which "
        f"starts them and has them import the package, took {cold * 1e3:.1f} ms "
        f"(ratio {cold / ours:.2f}). Before it the load average of the machine's {os.cpu_count()} "
        f"cores was {load:.1f}, of which this program is about 1: two workers need two free.\n"
        + at_least(1.7, ours / seconds["two workers"], "times as fast with two workers")
    )
