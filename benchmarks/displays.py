"""Print what pictures of long recordings take beside those of matplotlib and librosa.

python benchmarks/displays.py

Each is computed and drawn to pixels; medians, in turn, in one process.
"""

from functools import partial

import librosa
import librosa.display
import matplotlib.pyplot as plt
import numpy as np
from measuring import RATE, medians, table

from sklearn_audio import LogMelSpectrogramExtractor
from sklearn_audio.plotting import FeatureDisplay, SpectrogramDisplay, WaveformDisplay

plt.switch_backend("agg")


def by_matplotlib(samples):
    """Draw every sample."""
    figure, ax = plt.subplots(figsize=(8, 2.5))
    ax.plot(np.arange(len(samples)) / RATE, samples, linewidth=0.6)
    return figure


def by_waveshow(samples):
    """Draw the envelope of librosa."""
    figure, ax = plt.subplots(figsize=(8, 2.5))
    librosa.display.waveshow(samples, sr=RATE, ax=ax)
    return figure


def by_specshow(samples):
    """Draw the spectrogram of librosa."""
    figure, ax = plt.subplots(figsize=(8, 3.5))
    level = librosa.amplitude_to_db(np.abs(librosa.stft(samples)), ref=np.max)
    image = librosa.display.specshow(level, sr=RATE, x_axis="time", y_axis="linear", ax=ax)
    figure.colorbar(image)
    return figure


def by_mel_specshow(samples):
    """Draw the mel spectrogram of librosa."""
    figure, ax = plt.subplots(figsize=(8, 3.5))
    level = librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=RATE))
    image = librosa.display.specshow(level, sr=RATE, x_axis="time", y_axis="mel", ax=ax)
    figure.colorbar(image)
    return figure


def ours(display, **options):
    """Return a function that draws by a display."""
    return lambda samples: display.from_signal(samples, RATE, **options).figure_


def drawn(draw, samples):
    """Draw to pixels."""
    figure = draw(samples)
    figure.canvas.draw()
    plt.close(figure)


PICTURES = {
    "waveform": (
        30,
        {"WaveformDisplay": ours(WaveformDisplay), "plot": by_matplotlib, "waveshow": by_waveshow},
    ),
    "spectrogram": (
        5,
        {"SpectrogramDisplay": ours(SpectrogramDisplay), "librosa.stft, specshow": by_specshow},
    ),
    "mel bands": (
        5,
        {
            "FeatureDisplay": ours(FeatureDisplay, extractor=LogMelSpectrogramExtractor()),
            "librosa.feature.melspectrogram, specshow": by_mel_specshow,
        },
    ),
}

if __name__ == "__main__":
    generator = np.random.default_rng(0)
    for title, (minutes, pictures) in PICTURES.items():
        samples = generator.normal(scale=0.1, size=minutes * 60 * RATE).astype(np.float32)
        seconds = medians({name: partial(drawn, draw, samples) for name, draw in pictures.items()})
        print(table(f"{title} of {minutes} min at {RATE} Hz", seconds, next(iter(pictures))))
