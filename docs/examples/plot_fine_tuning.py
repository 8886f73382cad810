"""
Training an encoder, or only what comes after it
================================================

A frozen encoder gives what it learned elsewhere; a trained one learns what the task
asks of it. Here both are tried on the same small encoder, with random weights and on
synthetic speech, so that the example runs anywhere and within seconds. A published
checkpoint takes the same lines, its name or folder, and a GPU.
"""

# %%
# wav2vec 2.0 with one layer of 32 features, saved as transformers saves any checkpoint.

import tempfile

import torch
from transformers import Wav2Vec2Config, Wav2Vec2Model

config = Wav2Vec2Config(
    hidden_size=32,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=64,
    conv_dim=[32, 32, 32],
    conv_kernel=[10, 8, 8],
    conv_stride=[5, 8, 8],
    num_conv_pos_embeddings=8,
    num_conv_pos_embedding_groups=2,
    feat_extract_norm="layer",
    do_stable_layer_norm=True,
    conv_bias=True,
    # So small a net, on so few clips, needs all of its values.
    hidden_dropout=0.0,
    attention_dropout=0.0,
    activation_dropout=0.0,
    feat_proj_dropout=0.0,
    layerdrop=0.0,
)
folder = tempfile.mkdtemp()
torch.manual_seed(0)
Wav2Vec2Model(config).save_pretrained(folder)

# %%
# Of ten speakers, three are for the test. Of the other seven, some are held out in
# training, to say which epoch was the best.

from sersk.datasets import make_emotional_speech

corpus = make_emotional_speech(
    n_speakers=10,
    n_sentences=1,
    duration=0.7,
    emotion_effect=2.0,
    speaker_effect=0.3,
    random_state=0,
)
known = corpus.select(speaker=[f"{number:02d}" for number in range(1, 8)])
unknown = corpus.select(speaker=["08", "09", "10"])

# %%
# ``trained_layers=0`` trains the pooling and the head only, ``"all"`` the encoder too.
# Its convolutions stay as they are.

from sersk.estimators import SpeechEncoderClassifier
from sersk.metrics import unweighted_accuracy
from sersk.model_selection import SpeakerKFold

nets, tested = {}, {}
for name, layers in (("the head", 0), ("the encoder too", "all")):
    net = SpeechEncoderClassifier(
        folder,
        trained_layers=layers,
        lr=1e-3,
        dropout=0.0,
        spec_augment=False,
        batch_size=8,
        max_epochs=15,
        early_stopping=True,
        validation_cv=SpeakerKFold(3),
        patience=15,
        random_state=0,
    )
    nets[name] = net.fit(known.clips, known.target)
    tested[name] = unweighted_accuracy(unknown.target, net.predict(unknown.clips))

# %%
# With the encoder, the loss falls faster, and fewer epochs are needed for the same
# accuracy on held-out speakers. Speakers whom nobody chose anything by are a little
# harder: the best of many epochs flatters those by whom it was chosen.

import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
for colour, (name, net) in zip(("C0", "C1"), nets.items(), strict=True):
    history = net.history_
    left.plot(history["epoch"], history["train_loss"], color=colour, label=name)
    right.plot(history["epoch"], history["valid_score"], color=colour)
    right.plot(net.best_epoch_, tested[name], "o", color=colour)
right.axhline(0.25, color="0.6", linestyle=":")
right.annotate("chance", (1, 0.26), color="0.4")
right.plot([], [], color="0.4", label="held-out speakers")
right.plot([], [], "o", color="0.4", label="speakers 08 to 10, best epoch")
left.set(xlabel="Epoch", ylabel="Training loss", ylim=(0, None))
right.set(xlabel="Epoch", ylabel="UA", ylim=(0, 1))
left.legend(title="What is trained")
right.legend()
plt.show()
