"""Loading a speech encoder for whoever trains it."""

import json
from os import PathLike
from typing import Any

from sersk.features._checkpoint import ARCHITECTURES, find_checkpoint
from sersk.utils import import_optional


def load_speech_encoder(model: str | PathLike, *, revision: str | None = None) -> Any:
    """Load a speech encoder as a torch module.

    Its weights are in single precision and on the CPU. Only safetensors are read, and
    nothing that comes with a checkpoint is executed.

    Parameters
    ----------
    model : str or path
        A folder that ``save_pretrained`` wrote, or a name on the Hugging Face hub.
    revision : str or None, default=None
        Commit, tag or branch on the hub.

    Returns
    -------
    encoder : transformers.Wav2Vec2Model, HubertModel or WavLMModel
        In evaluation mode; nobody else has it.

    Raises
    ------
    ValueError
        If there is no such checkpoint, it is damaged, incomplete or no speech encoder,
        or it asks for code of its own.

    See Also
    --------
    speech_encoder_config : What it is, without its weights.
    sersk.features.SpeechEmbedding : Use an encoder as it is.
    sersk.estimators.SpeechEncoderClassifier : Train it.

    Examples
    --------
    >>> import tempfile
    >>> from sersk.features import load_speech_encoder, make_random_encoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     encoder = load_speech_encoder(make_random_encoder(folder, "wavlm"))
    >>> type(encoder).__name__, encoder.config.hidden_size
    ('WavLMModel', 32)
    """
    import_optional("torch", extra="torch")
    checkpoint = find_checkpoint(model, revision)
    from sersk.features._torch_encoder import load_model

    return load_model(checkpoint, checkpoint.n_layers, "float32")


def speech_encoder_config(
    model: str | PathLike, *, revision: str | None = None
) -> dict[str, Any]:
    """Read what a speech encoder is, without its weights.

    Parameters
    ----------
    model : str or path
        A folder that ``save_pretrained`` wrote, or a name on the Hugging Face hub.
    revision : str or None, default=None
        Commit, tag or branch on the hub.

    Returns
    -------
    config : dict
        Its configuration of transformers, as JSON can hold it; and ``do_normalize``,
        whether it is made for clips with a mean of 0 and a variance of 1.

    Raises
    ------
    ValueError
        If there is no such checkpoint, it is damaged, incomplete or no speech encoder,
        is for another sampling rate than 16 kHz, or asks for code of its own.

    See Also
    --------
    load_speech_encoder : The encoder itself.

    Examples
    --------
    >>> import tempfile
    >>> from sersk.features import make_random_encoder, speech_encoder_config
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     config = speech_encoder_config(make_random_encoder(folder))
    >>> config["model_type"], config["num_hidden_layers"], config["do_normalize"]
    ('wav2vec2', 3, True)
    """
    import_optional("torch", extra="torch")
    checkpoint = find_checkpoint(model, revision)
    from sersk.features._torch_encoder import complete_config

    config = complete_config(ARCHITECTURES[checkpoint.architecture], checkpoint)
    described = json.loads(config.to_json_string(use_diff=False))
    return {**described, "do_normalize": checkpoint.do_normalize}
