"""Draw how a recording becomes a row of numbers: the picture at the top of the README.

python examples/picture_of_a_row.py docs/images/row.png
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from sklearn_audio import Loader, MelSpectrogramExtractor, MFCCExtractor
from sklearn_audio.datasets import load_percussion

plt.switch_backend("agg")  # the picture goes to a file


def draw(output):
    """Draw one chime as a signal, as frames and as a row."""
    percussion = load_percussion()
    [path] = [path for path in percussion.paths if path.endswith("elec_chime.ogg")]
    batch = Loader().fit_transform([path])
    signal = batch[0]

    mel = MelSpectrogramExtractor(n_mels=64, hop_length=128, summary=None)
    [frames] = mel.transform(batch)
    mfcc = MFCCExtractor(n_mfcc=13, n_deltas=0)
    [row] = mfcc.transform(batch)

    figure, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained")
    time = np.arange(len(signal)) / signal.rate
    axes[0].plot(time, signal.samples, linewidth=0.5, color="#2a5d84")
    axes[0].set(title="a signal", xlabel="time (s)", ylabel="sample", xlim=(0, signal.duration))

    image = axes[1].imshow(
        10 * np.log10(np.maximum(frames.T, frames.max() * 1e-8)),
        origin="lower",
        aspect="auto",
        extent=(0, signal.duration, -0.5, 63.5),
        cmap="magma",
    )
    axes[1].set(title="its frames", xlabel="time (s)", ylabel="mel band")
    figure.colorbar(image, ax=axes[1], label="power (dB)")

    mean, std = row[:13], row[13:]
    axes[2].bar(range(1, 13), mean[1:], yerr=std[1:], color="#d9822b", ecolor="#555555", capsize=2)
    axes[2].axhline(0, color="black", linewidth=0.5)
    axes[2].set(
        title="its row", xlabel="MFCC", ylabel="mean, ± std over frames", xticks=range(1, 13, 2)
    )
    for panel in (axes[0], axes[2]):
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(output, dpi=130)


if __name__ == "__main__":
    draw(sys.argv[1] if len(sys.argv) > 1 else "row.png")
