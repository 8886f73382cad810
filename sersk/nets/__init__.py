"""Torch modules of the published systems, for whoever trains them.

They import nothing else of sersk. Nets of frames take ``x`` of shape (batch, frames,
features) and ``x_lengths``; trunks take images, encoders waveforms, and co-attention
three inputs, each with its lengths. Nets return logits.
"""

try:
    import torch as _torch  # noqa: F401 -- only to say how it is installed
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ImportError(
        'torch is not installed. Install it with: pip install "sersk[torch]"'
    ) from error

from sersk.nets._alexnet import AlexNet
from sersk.nets._cnn1d import CNN1D
from sersk.nets._cnn2d import CNN2D
from sersk.nets._co_attention import CoAttentionNet
from sersk.nets._crnn import CRNN
from sersk.nets._densenet import DenseNet201
from sersk.nets._heads import ConcatPoolHead, EmotionRegression
from sersk.nets._image import spectrogram_to_image
from sersk.nets._lengths import wav2vec2_frame_count
from sersk.nets._losses import CCCLoss, ccc_loss
from sersk.nets._mel_cnn import MelCNN
from sersk.nets._pooling import (
    AdditiveAttentionPooling,
    AttentiveStatisticsPooling,
    MaskedMaxPooling,
    MaskedMeanPooling,
)
from sersk.nets._resnet import ResNet50, ResNeXt50
from sersk.nets._spectrogram_trunk import SpectrogramTrunkNet
from sersk.nets._speech_encoder import SpeechEncoderNet
from sersk.nets._text_encoder import TextEncoderNet
from sersk.nets._trained_encoder import SpeechEncoderFrames
from sersk.nets._vit import ViT
from sersk.nets._weights import load_trunk_weights

__all__ = [
    "CNN1D",
    "CNN2D",
    "CRNN",
    "AdditiveAttentionPooling",
    "AlexNet",
    "AttentiveStatisticsPooling",
    "CCCLoss",
    "CoAttentionNet",
    "ConcatPoolHead",
    "DenseNet201",
    "EmotionRegression",
    "MaskedMaxPooling",
    "MaskedMeanPooling",
    "MelCNN",
    "ResNeXt50",
    "ResNet50",
    "SpectrogramTrunkNet",
    "SpeechEncoderFrames",
    "SpeechEncoderNet",
    "TextEncoderNet",
    "ViT",
    "ccc_loss",
    "load_trunk_weights",
    "spectrogram_to_image",
    "wav2vec2_frame_count",
]
