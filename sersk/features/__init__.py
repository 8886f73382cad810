"""Extractors: scikit-learn transformers from clips to rows of features."""

from sersk.features._acoustic import AcousticFunctionals
from sersk.features._base import BaseClipTransformer
from sersk.features._describe import describe_descriptors, describe_features
from sersk.features._extraction import count_extractions
from sersk.features._extractor import BaseExtractor
from sersk.features._feature_dict import FeatureDict
from sersk.features._frames import BaseFrameExtractor
from sersk.features._layer_select import LayerSelect
from sersk.features._layers import find_layers
from sersk.features._load_encoder import load_speech_encoder, speech_encoder_config
from sersk.features._load_text_encoder import load_text_encoder
from sersk.features._opensmile import EGeMAPS, OpenSMILEFunctionals
from sersk.features._random_encoder import make_random_encoder
from sersk.features._random_text_encoder import make_random_text_encoder
from sersk.features._spectral_frames import (
    LogSpectrogram,
    MelSpectrogram,
    MFCCSequence,
)
from sersk.features._speech_embedding import (
    SpeechEmbedding,
    SpeechEmbeddingSequence,
)
from sersk.features._text_embedding import TextEmbedding
from sersk.features._warm import find_extractors, plan_extractions, warm_cache
from sersk.features._waveform_sequence import WaveformSequence

__all__ = [
    "AcousticFunctionals",
    "BaseClipTransformer",
    "BaseExtractor",
    "BaseFrameExtractor",
    "EGeMAPS",
    "FeatureDict",
    "LayerSelect",
    "LogSpectrogram",
    "MFCCSequence",
    "MelSpectrogram",
    "OpenSMILEFunctionals",
    "SpeechEmbedding",
    "SpeechEmbeddingSequence",
    "TextEmbedding",
    "WaveformSequence",
    "count_extractions",
    "describe_descriptors",
    "describe_features",
    "find_extractors",
    "find_layers",
    "load_speech_encoder",
    "load_text_encoder",
    "make_random_encoder",
    "make_random_text_encoder",
    "plan_extractions",
    "speech_encoder_config",
    "warm_cache",
]
