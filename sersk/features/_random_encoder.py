"""Checkpoints to try things out with, where there is no other."""

from os import PathLike, fspath
from pathlib import Path
from typing import Any

from sersk.features._checkpoint import ARCHITECTURES
from sersk.utils import import_optional, seeded_torch

_SIZES: dict[str, dict[str, Any]] = {
    "tiny": {
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "conv_dim": (16,) * 7,
        "num_conv_pos_embeddings": 16,
        "num_conv_pos_embedding_groups": 4,
        # So that layers differ from each other.
        "initializer_range": 0.2,
    },
    "base": {},
}


def make_random_encoder(
    folder: str | PathLike,
    architecture: str = "wav2vec2",
    *,
    size: str = "tiny",
    layer_norm: bool = False,
    random_state: int = 0,
) -> str:
    """Write the checkpoint of a speech encoder with random weights.

    It has learned nothing: what it says of speech is that of a random network. It is
    there to try a pipeline, or measure its speed, without a download.

    Parameters
    ----------
    folder : str or path
        Where to; made if it is not there.
    architecture : {"wav2vec2", "hubert", "wavlm"}, default="wav2vec2"
        Which encoder.
    size : {"tiny", "base"}, default="tiny"
        Three layers of 32 features, or twelve of 768 like the published base models.
    layer_norm : bool, default=False
        Whether to normalise as the published large models do, instead of over groups.
    random_state : int, default=0
        Seed of the weights; torch's own generator stays as it is.

    Returns
    -------
    folder : str
        As given, for ``SpeechEmbedding(model=...)``.

    Raises
    ------
    ValueError
        If architecture or size are not among these.

    Examples
    --------
    >>> import os, tempfile
    >>> from sersk.features import make_random_encoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(os.listdir(make_random_encoder(folder, "hubert")))
    ['config.json', 'model.safetensors', 'preprocessor_config.json']
    """
    for name, value, allowed in (
        ("architecture", architecture, ARCHITECTURES),
        ("size", size, _SIZES),
    ):
        if value not in allowed:
            raise ValueError(
                f"{name}={value!r} must be one of {', '.join(sorted(allowed))}."
            )
    transformers = import_optional("transformers", extra="torch")
    model_class = getattr(transformers, ARCHITECTURES[architecture])
    config = model_class.config_class(
        **_SIZES[size],
        do_stable_layer_norm=layer_norm,
        feat_extract_norm="layer" if layer_norm else "group",
    )
    with seeded_torch(random_state):
        model = model_class(config)
    Path(folder).mkdir(parents=True, exist_ok=True)
    from sersk.features._torch_encoder import quiet

    with quiet():
        model.save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(folder)
    return fspath(folder)
