"""The published figures, as they were printed; accuracies as shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One published score, or set of scores of one system on one test set.

    `mark` says where it was read: S in the text of the report, C in the code behind
    it, D derived by arithmetic. `script` measures the system; `not_run` says why, where
    none does.
    """

    key: str
    system: str
    corpus: str
    protocol: str
    script: str
    scores: Mapping[str, float] = field(default_factory=dict)
    n: int | None = None
    mark: str = "S"
    errors: tuple[str, ...] = ()
    not_run: str = ""

    @property
    def report(self) -> str:
        """Number of the report, or "none" of a system that no report has."""
        return self.key.partition("-")[0]


# Test clips of speaker 5F, of which every accuracy of report 002 is a share.
CLIPS_OF_5F = 590
# Report 004: rows and columns are angry, sad, happy and neutral.
CONFUSION_OF_REPORT_004 = (
    (0.7989, 0.0143, 0.0605, 0.1264),
    (0.0153, 0.7293, 0.1531, 0.1024),
    (0.0613, 0.0416, 0.7876, 0.1096),
    (0.0331, 0.2062, 0.2160, 0.5446),
)


def figures() -> list[Figure]:
    """Return all of them, in the order of the reports."""
    return [
        *_report_000(),
        *_report_001(),
        *_report_002(),
        *_image_trunks(),
        *_convolutional(),
        *_wav2vec2(),
        *_mosei(),
        *_text(),
        *_fusion(),
        *_report_004(),
        *_egemaps(),
    ]


def _report_000() -> list[Figure]:
    attributes = {
        "single": (0.6509, 0.5840, 0.7087),
        "multi": (0.6519, 0.5795, 0.6883),
    }
    made = [
        Figure(
            key=f"000-{task}-{name}",
            system=f"WavLM-large + ASP, {task}-task, {name}",
            corpus="msp-podcast",
            protocol="Development, on which the epoch was chosen",
            script="report_000_wavlm",
            scores={"CCC": ccc},
            errors=("E000-1", "E000-2", "E000-7"),
        )
        for task, values in attributes.items()
        for name, ccc in zip(("arousal", "dominance", "valence"), values, strict=True)
    ]
    categorical = Figure(
        key="000-categorical",
        system="WavLM-large + ASP, 8 classes",
        corpus="msp-podcast",
        protocol="Development, on which the epoch was chosen",
        script="report_000_wavlm",
        scores={"WA": 0.40857832, "UA": 0.34476131, "F1": 0.30679420},
        n=15341,
        errors=("E000-1", "E000-3", "E000-5"),
    )
    return [*made, categorical]


def _report_001() -> list[Figure]:
    common = {
        "corpus": "ravdess + savee + crema-d",
        "protocol": "random 80/20",
        "n": 1838,
        "mark": "C",
    }
    return [
        Figure(
            key="001-lr",
            system="8 scalars + logistic regression",
            script="report_001_logistic_regression",
            scores={"WA": 0.3258977, "UA": 0.33, "F1": 0.32},
            errors=("E001-3", "E001-4", "E001-5"),
            **common,
        ),
        Figure(
            key="001-cnn",
            system="mel CNN",
            script="report_001_mel_cnn",
            scores={"WA": 0.5892},
            errors=("E001-3", "E001-5", "E001-6"),
            **common,
        ),
        Figure(
            key="001-wav2vec2",
            system="wav2vec2-base, fine-tuned",
            script="report_001_wav2vec2",
            scores={"WA": 0.47660501},
            errors=("E001-1", "E001-2", "E001-5"),
            **common,
        ),
    ]


def _report_002() -> list[Figure]:
    common = {
        "corpus": "iemocap",
        "protocol": "one speaker, 5F",
        "n": CLIPS_OF_5F,
        "script": "report_002_voting",
        "errors": ("E002-1", "E002-2", "E002-3", "E002-4", "E002-5"),
    }
    members = (0.6424, 0.6475, 0.6424, 0.6339, 0.6407, 0.6305, 0.6153)
    return [
        Figure(
            key="002-vit",
            system="co-attention with ViT, vote",
            scores={"WA": 0.6254, "UA": 0.6340},
            **common,
        ),
        Figure(
            key="002-alexnet",
            system="co-attention with AlexNet, vote",
            scores={"WA": 0.6424, "UA": 0.6221},
            **common,
        ),
        *(
            # Which UA belongs to which WA is lost in the report.
            Figure(
                key=f"002-alexnet-member{number}",
                system=f"co-attention with AlexNet, member {number}",
                scores={"WA": accuracy},
                **common,
            )
            for number, accuracy in enumerate(members, start=1)
        ),
    ]


def _image_trunks() -> list[Figure]:
    ten_actors = "10 of 91 actors"
    rows = [
        ("crema-d-resnet50", "ResNet50", "crema-d", ten_actors, 820,
         (0.65, 0.65, 0.65), ("E003-1", "E003-13"), ""),
        ("tess-resnet50", "ResNet50", "tess", "not stated", 820,
         (0.65, 0.65, 0.65), ("E003-1", "E003-6"), "a copy of CREMA-D's table"),
        ("iemocap-resnet50", "ResNet50, 5 classes", "iemocap", "session 5", 1480,
         (0.46, 0.46, 0.46), ("E003-1", "E003-13"), ""),
        ("crema-d-densenet201", "DenseNet201", "crema-d", ten_actors, 820,
         (0.56, 0.56, 0.56), ("E003-1", "E003-13"), ""),
        ("ravdess-densenet201", "DenseNet201", "ravdess", "3 of 24 actors", 180,
         (0.66, 0.65, 0.65), ("E003-2", "E003-13"), ""),
        ("ravdess-densenet201-windows", "DenseNet201, windows", "ravdess",
         "2 of 24 actors", 120, (0.59, 0.49, 0.49), ("E003-2", "E003-13"), ""),
        ("crema-d-resnext50", "ResNeXt50, 3 classes", "crema-d", ten_actors, 400,
         (0.84, 0.84, 0.84), ("E003-1", "E003-13"), ""),
        ("crema-d-resnext50-windows", "ResNeXt50, windows", "crema-d",
         "15423 windows, not clips", 15423, (0.37, 0.38, 0.35), ("E003-13",), ""),
        ("tess-resnext50-windows", "ResNeXt50, windows", "tess", "random", 300,
         (0.99, 0.99, 0.99), ("E003-11", "E003-13"), ""),
        ("iemocap3-resnext50", "ResNeXt50, 3 classes", "iemocap", "session 5", 697,
         (0.69, 0.60, 0.58), ("E003-1", "E003-13"), ""),
        ("iemocap5-resnext50", "ResNeXt50, 5 classes", "iemocap", "session 5", 1480,
         (0.53, 0.51, 0.52), ("E003-13",), ""),
    ]  # fmt: skip
    tables = [
        Figure(
            key=f"003-{key}",
            system=system,
            corpus=corpus,
            protocol=protocol,
            script="report_003_image_trunks",
            scores=dict(zip(("WA", "UA", "F1"), scores, strict=True)),
            n=n,
            errors=errors,
            not_run=not_run,
        )
        for key, system, corpus, protocol, n, scores, errors, not_run in rows
    ]
    # Report 003 names AlexNet but prints no table; these are of the code behind it.
    alexnet = {
        "corpus": "iemocap",
        "protocol": "improvised, by session",
        "script": "report_003_image_trunks",
        "mark": "C",
    }
    return [
        *tables,
        Figure(
            key="003-alexnet",
            system="AlexNet",
            scores={"WA": 0.740, "UA": 0.644},
            **alexnet,
        ),
        Figure(
            key="003-alexnet-fcn",
            system="AlexNet, convolutions only",
            scores={"WA": 0.732, "UA": 0.626},
            not_run="its head of 1 x 1 convolutions is not built",
            **alexnet,
        ),
    ]


def _convolutional() -> list[Figure]:
    ravdess = {"corpus": "ravdess", "n": 352, "errors": ("E003-7", "E003-13")}
    printed = (0.41, 0.88, 0.86, 0.64, 0.64, 0.63)
    f1 = (0.40, 0.87, 0.86, 0.64, 0.64, 0.62)
    two = [
        Figure(
            key=f"003-cnn2d-set{number}",
            system="2D CNN, 2 or 6 layers",
            protocol=f"actors, set {number}",
            script="report_003_cnn2d",
            scores={"WA": accuracy, "F1": own_f1},
            **{**ravdess, "errors": ("E003-6", "E003-7", "E003-13")},
        )
        for number, (accuracy, own_f1) in enumerate(zip(printed, f1, strict=True), 1)
    ]
    one = [
        Figure(
            key=f"003-cnn1d-{summary}-{n_layers}",
            system=f"1D CNN, {n_layers} layers, {told}",
            protocol="actors, set 1",
            script="report_003_cnn1d",
            scores={"WA": accuracy},
            **ravdess,
        )
        for summary, told, accuracies in (
            ("sequence", "40 MFCCs", (0.89, 0.90, 0.79)),
            ("time", "13 MFCCs, mean over time", (0.54, 0.49, 0.55)),
            ("frequency", "13 MFCCs, mean over frequency", (0.88, 0.91, 0.92)),
        )
        for n_layers, accuracy in zip((3, 5, 8), accuracies, strict=True)
    ]
    recurrent = [
        Figure(
            key=f"003-crnn{suffix}",
            system=f"CNN + LSTM{told}",
            corpus="iemocap",
            protocol="no figure printed",
            script="report_003_crnn",
        )
        for suffix, told in (("", ""), ("-attention", " + attention"))
    ]
    return [*two, *one, *recurrent]


def _wav2vec2() -> list[Figure]:
    common = {
        "script": "report_003_wav2vec2",
        "system": "wav2vec2-large-xlsr-53, fine-tuned",
    }
    return [
        Figure(
            key="003-iemocap-wav2vec2",
            corpus="iemocap",
            protocol="dialogues Ses05F",
            scores={"WA": 0.70, "UA": 0.72, "F1": 0.71},
            n=644,
            errors=("E003-3",),
            **common,
        ),
        Figure(
            key="003-ravdess-wav2vec2",
            corpus="ravdess",
            protocol="4 of 24 actors, set 1",
            scores={"WA": 0.7625, "F1": 0.7527},
            n=240,
            **common,
        ),
        Figure(
            key="003-aesdd-wav2vec2",
            corpus="aesdd",
            protocol="random 80/20",
            scores={"WA": 0.96},
            n=121,
            mark="C",
            errors=("4.11",),
            **common,
        ),
    ]


def _mosei() -> list[Figure]:
    common = {
        "script": "report_003_mosei",
        "corpus": "mosei",
        "protocol": "published partition",
    }
    labels = [
        Figure(
            key=f"003-mosei-labels-{threshold}",
            system=f"wav2vec2, 6 labels, threshold {threshold}",
            scores={"F1": macro},
            errors=("E003-8",),
            **common,
        )
        for threshold, macro in ((0.5, 0.35), (0.3, 0.35))
    ]
    single = [
        Figure(
            key=f"003-{key}",
            system=f"wav2vec2, {system}",
            scores=dict(zip(("WA", "UA", "F1"), scores, strict=True)),
            n=n,
            errors=errors,
            **common,
        )
        for key, system, n, scores, errors in (
            ("mosei7-windows", "7 classes, windows as clips", 9345,
             (0.36, 0.28, 0.21), ("E003-9",)),
            ("mosei4-windows", "4 classes, windows as clips", 7747,
             (0.41, 0.385, 0.35), ("E003-9",)),
            ("mosei4", "4 classes, windows by clip", 2799,
             (0.49, 0.40, 0.36), ("E003-9", "E003-10")),
        )
    ]  # fmt: skip
    return [*labels, *single]


def _text() -> list[Figure]:
    prefixes, partition = "dialogues Ses05F", "published partition"
    rows = (
        ("iemocap4-bert", "BERT, 4 classes", "iemocap", prefixes, 644,
         (0.63, 0.64, 0.62), ("E003-3",)),
        ("iemocap3-bert", "BERT, 3 classes", "iemocap", prefixes, 452,
         (0.77, 0.78, 0.75), ("E003-3",)),
        ("mosei4-bert", "BERT, 4 classes", "mosei", partition, 4483,
         (0.48, 0.37, 0.38), ("E003-10",)),
        ("mixed4-bert", "BERT, 4 classes", "mosei + iemocap + smile", partition, 4238,
         (0.51, 0.36, 0.36), ("E003-10", "4.8")),
        ("mosei4-roberta", "RoBERTa, 4 classes", "mosei", partition, 2983,
         (0.5696, 0.3193, 0.3059), ("E003-10",)),
        ("mixed4-roberta", "RoBERTa, 4 classes", "mosei + iemocap + smile", partition,
         4238, (0.501652, 0.3381, 0.3308), ("E003-1", "E003-10", "4.8")),
    )  # fmt: skip
    return [
        Figure(
            key=f"003-{key}",
            system=f"{system}, fine-tuned",
            corpus=corpus,
            protocol=protocol,
            script="report_003_text",
            scores=dict(zip(("WA", "UA", "F1"), scores, strict=True)),
            n=n,
            errors=errors,
        )
        for key, system, corpus, protocol, n, scores, errors in rows
    ]


def _fusion() -> list[Figure]:
    common = {
        "corpus": "iemocap",
        "script": "report_003_fusion",
        "protocol": "dialogues Ses05F",
        "errors": ("E003-3", "E003-4", "E003-5"),
    }
    return [
        Figure(
            key="003-alexnet-bert",
            system="AlexNet + BERT",
            scores={"WA": 0.64, "UA": 0.65, "F1": 0.64},
            n=597,
            **common,
        ),
        Figure(
            key="003-wav2vec2-bert",
            system="wav2vec2 + BERT",
            scores={"WA": 0.69, "UA": 0.71, "F1": 0.68},
            n=644,
            **common,
        ),
    ]


def _report_004() -> list[Figure]:
    common = {"corpus": "iemocap", "script": "report_004_co_attention", "n": 5531}
    session, speaker = "by session, 5 folds", "by speaker, 10 folds"
    return [
        Figure(
            key=f"004-{key}",
            system=f"co-attention with AlexNet, {told}",
            protocol=protocol,
            scores={"WA": accuracy, "UA": recall},
            errors=errors,
            **common,
        )
        for key, told, protocol, accuracy, recall, errors in (
            ("session-paper", "paper", session, 0.6980, 0.7105, ("B1", "B2", "B3")),
            ("session", "report", session, 0.70275, 0.7151,
             ("B1", "B2", "B3", "E004-2")),
            ("speaker-paper", "paper", speaker, 0.7164, 0.7270, ("B1", "B2", "B3")),
            ("speaker", "report", speaker, 0.6984, 0.7236,
             ("B1", "B2", "B3", "E004-1")),
        )
    ]  # fmt: skip


def _egemaps() -> list[Figure]:
    return [
        Figure(
            key=f"none-egemaps-{key}",
            system=f"eGeMAPS + {system}",
            corpus="emodb",
            protocol="in none of the reports",
            script="egemaps",
            mark="C",
        )
        for key, system in (("xgboost", "XGBoost"), ("svm", "SVM"))
    ]
