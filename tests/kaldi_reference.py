"""Features by kaldi-native-fbank: Kaldi's own code for them, without the rest of Kaldi."""

import kaldi_native_fbank
import numpy as np

# Of logarithms and their transforms, where both sides compute in float32.
TOLERANCE = 1e-3


def kaldi(samples, rate, *, bands_only=False, options=(), frames=(), bands=()):
    """Return the features of Kaldi without dither; the options are Kaldi's own."""
    settings = kaldi_native_fbank.FbankOptions() if bands_only else kaldi_native_fbank.MfccOptions()
    settings.frame_opts.samp_freq = rate
    settings.frame_opts.dither = 0
    for part, values in (
        (settings, options),
        (settings.frame_opts, frames),
        (settings.mel_opts, bands),
    ):
        for name, value in dict(values).items():
            assert hasattr(part, name)
            setattr(part, name, value)
    online = kaldi_native_fbank.OnlineFbank if bands_only else kaldi_native_fbank.OnlineMfcc
    features = online(settings)
    features.accept_waveform(rate, (32768 * samples).tolist())
    features.input_finished()
    return np.array([features.get_frame(t) for t in range(features.num_frames_ready)])
