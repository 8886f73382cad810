"""
A model in a folder
===================

A pipeline is fitted once, saved, and asked about recordings elsewhere: in another
program, or on the command line. What is saved holds no code, and what is loaded says
the same as what was fitted, bit by bit.
"""

# %%
# A pipeline that hears four emotions, in synthetic speech of eight speakers. Of the
# last two it learns nothing.

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sersk
from sersk.datasets import make_emotional_speech
from sersk.features import AcousticFunctionals
from sersk.persistence import predict_files, read_manifest

corpus = make_emotional_speech(n_speakers=8, n_sentences=2, random_state=0)
speakers = sorted(set(corpus.clips.speaker))
known, unknown = (
    corpus.select(speaker=names) for names in (speakers[:6], speakers[6:])
)
pipeline = make_pipeline(
    AcousticFunctionals(n_mfcc=13), StandardScaler(), LogisticRegression(C=0.05)
)
pipeline.fit(known.clips, known.target)

# %%
# :func:`sersk.save` writes a folder. The label scheme goes with it, and says what the
# labels mean to whoever finds the folder in a year.

work = tempfile.TemporaryDirectory()
folder = sersk.save(pipeline, Path(work.name, "model"), scheme=corpus.scheme)
for path in sorted(Path(folder).iterdir()):
    print(f"{path.name:15} {path.stat().st_size:7,} bytes")

# %%
# :func:`sersk.persistence.read_manifest` says what it takes, before it is loaded.

manifest = read_manifest(folder)
print(manifest.inputs)
print(manifest.classes)

# %%
# Loaded, it is the pipeline that it was.

loaded = sersk.load(folder)
same = loaded.predict_proba(unknown.clips) == pipeline.predict_proba(unknown.clips)
print(same.all())

# %%
# :func:`sersk.persistence.predict_files` makes a table of files, as does the command
# ``python -m sersk predict model recordings --proba``. Here they are eight recordings
# of a speaker whom the model does not know.

recordings = Path(work.name, "recordings")
recordings.mkdir()
one = unknown.select(speaker=speakers[6:7])
for number in range(8):
    emotion = one.target[2 * number]
    name = recordings / f"{number}_{emotion}.wav"
    soundfile.write(name, one.clips[2 * number], one.clips.sampling_rate)
table = predict_files(folder, [recordings], proba=True)
table["file"] = [Path(name).stem for name in table["file"]]
print(table[["file", "prediction"]].to_string(index=False))

# %%
# What it makes of each of them:

shares = table.filter(like="probability ").set_axis(manifest.classes, axis=1)
shares.index = table["file"]
axes = shares[::-1].plot.barh(stacked=True, width=0.8, figsize=(7, 4))
axes.set(xlim=(0, 1), xlabel="probability", ylabel="recording (with its emotion)")
axes.legend(ncols=len(shares.columns), loc="lower center", bbox_to_anchor=(0.5, 1))
plt.tight_layout()
plt.show()
work.cleanup()
