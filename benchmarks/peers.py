"""The same MFCC by each of the peers, and which peers there are.

All have frames of 2048 samples, 512 apart, 128 mel bands and 13 coefficients. librosa, afx-audio
and the lines of torch compute the same numbers. Kaldi and python_speech_features have a mel scale,
a floor and a logarithm of their own: they do the same work, but their numbers are others.
"""

from functools import partial
from importlib.metadata import version

import librosa
import numpy as np
from measuring import optional
from scipy.fft import dct

afx = optional("afx_audio")
kaldi = optional("kaldi_native_fbank")
opensmile = optional("opensmile")
python_speech_features = optional("python_speech_features")
torch = optional("torch")

if torch:
    torch.set_num_threads(1)

N_FFT, HOP_LENGTH, N_MELS, N_MFCC = 2048, 512, 128, 13

OPTIONAL = {
    "afx-audio": afx,
    "kaldi-native-fbank": kaldi,
    "opensmile": opensmile,
    "python_speech_features": python_speech_features,
    "torch": torch,
}
LEFT_OUT = [name for name, module in OPTIONAL.items() if module is None]


def versions():
    """Return the names and versions of what is measured and of what it stands on."""
    names = ["numpy", "scipy", "scikit-learn", "soundfile", "soxr", "librosa", *OPTIONAL]
    return ", ".join(f"{name} {version(name)}" for name in names if name not in LEFT_OUT)


def mfcc_functions(rate):
    """Return a function of samples for each peer, by its name; most give (13, n_frames)."""
    functions = {"librosa": partial(_mfcc_by_librosa, rate=rate)}
    if afx:
        functions["afx-audio"] = partial(_mfcc_by_afx, rate=rate)
    if torch:
        functions["torch.stft, mel and DCT by hand"] = _mfcc_by_torch(rate)
    if kaldi:
        functions["kaldi-native-fbank"] = _mfcc_by_kaldi(rate)
    if python_speech_features:
        functions["python_speech_features"] = partial(_mfcc_by_python_speech_features, rate=rate)
    return functions


def same_numbers(functions):
    """Return the names of the peers that claim the numbers of librosa."""
    return [name for name in functions if name.startswith(("afx", "torch"))]


def _mfcc_by_librosa(samples, rate):
    return librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=N_MFCC)


def _mfcc_by_afx(samples, rate):
    # It remembers the transforms of the last signals; it is given none that it knows.
    afx.clear_stft_cache()
    return afx.FEATURE_MAP["mfcc"](samples, rate)["mfcc"]


def _mfcc_by_torch(rate):
    window = torch.hann_window(N_FFT)
    mel = torch.from_numpy(librosa.filters.mel(sr=rate, n_fft=N_FFT, n_mels=N_MELS))
    transform = dct(np.eye(N_MELS), norm="ortho", axis=0)[:N_MFCC].astype(np.float32)
    transform = torch.from_numpy(transform)

    def mfcc(samples):
        spectrum = torch.stft(
            torch.from_numpy(samples),
            N_FFT,
            hop_length=HOP_LENGTH,
            window=window,
            pad_mode="constant",
            return_complex=True,
        )
        levels = 10 * torch.log10(torch.clamp(mel @ spectrum.abs().square(), min=1e-10))
        return (transform @ torch.maximum(levels, levels.max() - 80)).numpy()

    return mfcc


def _mfcc_by_kaldi(rate):
    options = kaldi.MfccOptions()
    options.frame_opts.samp_freq = rate
    options.frame_opts.frame_length_ms = 1000 * N_FFT / rate
    options.frame_opts.frame_shift_ms = 1000 * HOP_LENGTH / rate
    options.frame_opts.dither = 0
    options.frame_opts.window_type = "hann"
    options.frame_opts.snip_edges = False
    options.mel_opts.num_bins = N_MELS
    options.num_ceps = N_MFCC

    def mfcc(samples):
        computer = kaldi.OnlineMfcc(options)
        computer.accept_waveform(rate, samples)
        computer.input_finished()
        return np.array([computer.get_frame(t) for t in range(computer.num_frames_ready)]).T

    return mfcc


def _mfcc_by_python_speech_features(samples, rate):
    return python_speech_features.mfcc(
        samples,
        samplerate=rate,
        winlen=N_FFT / rate,
        winstep=HOP_LENGTH / rate,
        numcep=N_MFCC,
        nfilt=N_MELS,
        nfft=N_FFT,
        winfunc=np.hanning,
    ).T
