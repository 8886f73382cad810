"""The net of three inputs of reports 002 and 004."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from sersk.nets._co_attention_parts import (
    FixedCoAttention,
    MaskedCoAttention,
    MFCCBranch,
    SpectrogramBranch,
    projection,
)
from sersk.nets._lengths import (
    check_lengths,
    check_sequences,
    fill_padding,
    fix_frames,
)
from sersk.nets._options import check_option
from sersk.nets._trained_encoder import SpeechEncoderFrames

_WIDTH = 128


class CoAttentionNet(nn.Module):
    """Classify speech by MFCCs, spectrogram and self-supervised frames together.

    MFCCs go through a bidirectional LSTM, the spectrogram through an image trunk; both
    give 128 values, which decide how the frames of wav2vec 2.0 ("W2E") are weighted;
    the three vectors, of 128 each, make the logits.

    Parameters
    ----------
    n_outputs : int, default=4
        Number of classes; published.
    n_mfcc : int, default=40
        MFCCs of a frame; published.
    n_bins : int, default=200
        Frequency bins of the spectrogram; published.
    n_encoder_features : int, default=768
        Features of a frame of the encoder; published.
    trunk : {"alexnet", "vit"}, default="alexnet"
        What sees the spectrogram: AlexNet's convolutions (the paper and report 004), or
        ViT-B/16 (report 002, whose size of ViT is our reconstruction).
    form : {"masked", "published"}, default="masked"
        ``"published"`` takes `n_frames` frames of MFCCs and spectrogram and
        `n_encoder_frames` of the encoder; longer clips are an error, shorter ones are
        padded; the states of the LSTM are flattened, and the weights of the encoder's
        frames are rectified, not normalised. ``"masked"`` takes any length: the states
        of the LSTM are averaged under additive attention, the weights are a softmax
        over valid frames, and an image is as wide as its clip is long (with ViT, all
        are resized to one width). This is our correction.
    n_frames : int, default=300
        Published: 3 s. In the form ``"masked"``, the frames that make an image 384
        columns wide.
    n_encoder_frames : int, default=149
        Published: what 3 s give. It means nothing in the form ``"masked"``.
    dropout : float, default=0.1
        Share of values dropped before each linear layer; published.
    lstm_dropout : float, default=0.5
        Share of values dropped between the layers of the LSTM; published.
    encoder : torch.nn.Module or None, default=None
        A :class:`SpeechEncoderFrames`; or what maps waveforms (batch, samples) to
        frames (batch, frames, n_encoder_features), or to an object whose
        ``last_hidden_state`` these are. `w2e` then holds waveforms, and the encoder is
        trained with the rest, as published. None if `w2e` holds frames computed before.
    freeze_encoder : bool, default=False
        Whether the encoder keeps its weights, and drops nothing in training.

    Notes
    -----
    A frame beyond a clip's length never changes its logits: MFCCs count as zero there,
    the spectrogram as its floor (0 after scaling), the encoder's frames have no weight,
    and waveforms of different lengths go through an encoder one by one, since some
    normalise over time; :class:`SpeechEncoderFrames` sees to that itself. The published
    code pads the spectrogram with its loudest value instead, and the waveform at its
    front; and its optimiser holds AlexNet's classifier, which it does not use and this
    net does not have.

    References
    ----------
    Zou, Si, Chen, Rajan and Chng (2022), Speech Emotion Recognition with Co-Attention
    Based Multi-Level Acoustic Information, ICASSP.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import CoAttentionNet
    >>> net = CoAttentionNet().eval()
    >>> lengths = torch.tensor([120, 80])
    >>> net(
    ...     torch.zeros(2, 120, 40),
    ...     torch.zeros(2, 120, 200),
    ...     torch.zeros(2, 59, 768),
    ...     mfcc_lengths=lengths,
    ...     spectrogram_lengths=lengths,
    ...     w2e_lengths=torch.tensor([59, 39]),
    ... ).shape
    torch.Size([2, 4])
    """

    def __init__(
        self,
        n_outputs: int = 4,
        *,
        n_mfcc: int = 40,
        n_bins: int = 200,
        n_encoder_features: int = 768,
        trunk: str = "alexnet",
        form: str = "masked",
        n_frames: int = 300,
        n_encoder_frames: int = 149,
        dropout: float = 0.1,
        lstm_dropout: float = 0.5,
        encoder: nn.Module | None = None,
        freeze_encoder: bool = False,
    ) -> None:
        super().__init__()
        check_option("trunk", trunk, ("alexnet", "vit"))
        check_option("form", form, ("masked", "published"))
        self.n_mfcc = n_mfcc
        self.n_bins = n_bins
        self.n_encoder_features = n_encoder_features
        self.form = form
        self.n_frames = n_frames
        self.n_encoder_frames = n_encoder_frames
        fixed = form == "published"
        self.spectrogram_branch = SpectrogramBranch(
            trunk, _WIDTH, dropout, n_frames=n_frames, fixed=fixed
        )
        self.mfcc_branch = MFCCBranch(
            n_mfcc, _WIDTH, dropout, lstm_dropout, n_frames=n_frames if fixed else None
        )
        self.co_attention: nn.Module = (
            FixedCoAttention(2 * _WIDTH, n_encoder_frames, dropout)
            if fixed
            else MaskedCoAttention(2 * _WIDTH, n_encoder_features, dropout)
        )
        self.encoder_projection = projection(n_encoder_features, _WIDTH, dropout)
        self.head = nn.Sequential(
            projection(3 * _WIDTH, _WIDTH, dropout),
            projection(_WIDTH, _WIDTH, dropout),
            nn.Linear(_WIDTH, n_outputs),
        )
        self.encoder = encoder
        self.freeze_encoder = freeze_encoder
        if encoder is not None and freeze_encoder:
            encoder.requires_grad_(False)
            encoder.eval()

    def train(self, mode: bool = True) -> "CoAttentionNet":
        """Set the mode of all modules but a frozen encoder.

        Parameters
        ----------
        mode : bool, default=True
            Whether to train, or to evaluate.

        Returns
        -------
        self : CoAttentionNet
            This net.
        """
        super().train(mode)
        if self.encoder is not None and self.freeze_encoder:
            self.encoder.eval()
        return self

    def forward(
        self,
        mfcc: Tensor,
        spectrogram: Tensor,
        w2e: Tensor,
        mfcc_lengths: Tensor | None = None,
        spectrogram_lengths: Tensor | None = None,
        w2e_lengths: Tensor | None = None,
    ) -> Tensor:
        """Return the logits.

        Parameters
        ----------
        mfcc : Tensor of shape (batch, frames, n_mfcc)
            MFCCs; each frame is divided by its norm.
        spectrogram : Tensor of shape (batch, frames, n_bins)
            Spectrograms scaled to [0, 1].
        w2e : Tensor of shape (batch, frames, n_encoder_features) or (batch, samples)
            Frames of an encoder; waveforms, if the net has one, also of shape (batch,
            samples, 1).
        mfcc_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames of `mfcc`; None for all.
        spectrogram_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames of `spectrogram`; None for all.
        w2e_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames or samples of `w2e`; None for all.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs)
            One row a clip.

        Raises
        ------
        ValueError
            If shapes are wrong, the inputs differ in their number of clips, or a clip
            is longer than the published form takes.
        """
        _check_batches(mfcc=mfcc, spectrogram=spectrogram, w2e=w2e)
        check_sequences(mfcc, mfcc_lengths, self.n_mfcc, "mfcc")
        check_sequences(spectrogram, spectrogram_lengths, self.n_bins, "spectrogram")
        if self.encoder is not None:
            w2e, w2e_lengths = self._encode(self.encoder, w2e, w2e_lengths)
        check_sequences(w2e, w2e_lengths, self.n_encoder_features, "w2e")
        mfcc = fill_padding(mfcc, mfcc_lengths, 0.0)
        w2e = fill_padding(w2e, w2e_lengths, 0.0)
        if self.form == "published":
            mfcc = fix_frames(mfcc, mfcc_lengths, self.n_frames, 0.0, "mfcc")
            w2e = fix_frames(w2e, w2e_lengths, self.n_encoder_frames, 0.0, "w2e")
            mfcc_lengths = w2e_lengths = None
        seen = self.spectrogram_branch(spectrogram, spectrogram_lengths)
        heard = self.mfcc_branch(F.normalize(mfcc, dim=2), mfcc_lengths)
        context = self.co_attention(torch.cat([seen, heard], 1), w2e, w2e_lengths)
        attended = self.encoder_projection(context)
        return self.head(torch.cat([seen, heard, attended], 1))

    def _encode(
        self, encoder: nn.Module, waveforms: Tensor, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """Return an encoder's frames and how many are valid."""
        if waveforms.ndim == 3 and waveforms.shape[2] == 1:
            waveforms = waveforms[..., 0]
        if waveforms.ndim != 2:
            raise ValueError(
                f"w2e has shape {tuple(waveforms.shape)}; this net has an encoder, and "
                "takes waveforms (batch, samples)."
            )
        check_lengths(lengths, len(waveforms), waveforms.shape[1], "w2e")
        if isinstance(encoder, SpeechEncoderFrames):
            return encoder(waveforms, lengths)
        training = torch.is_grad_enabled() and not self.freeze_encoder
        with torch.set_grad_enabled(training):
            if lengths is None:
                return _frames(encoder(waveforms)), None
            # A batch of clips of different lengths would not give each its own frames.
            clips = zip(waveforms, lengths.tolist(), strict=True)
            frames = [_frames(encoder(clip[None, :n]))[0] for clip, n in clips]
        counts = torch.tensor([len(one) for one in frames], device=waveforms.device)
        return pad_sequence(frames, batch_first=True), counts


def _frames(output: Any) -> Tensor:
    """Return the frames in what an encoder gives."""
    return getattr(output, "last_hidden_state", output)


def _check_batches(**inputs: Tensor) -> None:
    counts = {name: len(value) for name, value in inputs.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(
            f"The inputs hold different numbers of clips: {counts}. Give the same "
            "clips to each."
        )
