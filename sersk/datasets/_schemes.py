"""The label schemes that are built in."""

from sersk.datasets._scheme import LabelScheme, Scheme
from sersk.datasets._targets import AttributeScheme, MultiLabelScheme

EMODB = LabelScheme(
    "emodb", ("anger", "boredom", "disgust", "fear", "happy", "neutral", "sad")
)
RAVDESS = LabelScheme(
    "ravdess",
    (
        "neutral",
        "calm",
        "happy",
        "sad",
        "angry",
        "fearful",
        "disgust",
        "surprised",
    ),
)
TESS = LabelScheme(
    "tess", ("angry", "disgust", "fear", "happy", "neutral", "ps", "sad")
)
SAVEE = LabelScheme(
    "savee",
    ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"),
)
CREMA_D = LabelScheme(
    "crema-d", ("anger", "disgust", "fear", "happy", "neutral", "sad")
)
ENTERFACE = LabelScheme(
    "enterface", ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
)
AFEW = LabelScheme(
    "afew", ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
)
AESDD = LabelScheme("aesdd", ("anger", "disgust", "fear", "happiness", "sadness"))

# IEMOCAP. Of 10039 turns 5531 are in the four classes most often reported.
_IEMOCAP_FOUR = {"angry": "angry", "happy": "happy", "sad": "sad", "neutral": "neutral"}
IEMOCAP = LabelScheme(
    "iemocap",
    (
        "angry",
        "happy",
        "excited",
        "sad",
        "neutral",
        "frustrated",
        "surprised",
        "fearful",
        "disgusted",
        "other",
        "no agreement",
    ),
)
IEMOCAP4_MERGE = LabelScheme(
    "iemocap4-merge",
    ("angry", "happy", "sad", "neutral"),
    _IEMOCAP_FOUR | {"excited": "happy"},
)
IEMOCAP4_EXC = LabelScheme(
    "iemocap4-exc",
    ("angry", "excited", "sad", "neutral"),
    {"angry": "angry", "excited": "excited", "sad": "sad", "neutral": "neutral"},
)
IEMOCAP4_IMPROVISED = LabelScheme(
    "iemocap4-improvised",
    ("angry", "happy", "sad", "neutral"),
    _IEMOCAP_FOUR | {"excited": "happy"},
    only={"style": ("improvised",)},
)
IEMOCAP5 = LabelScheme("iemocap5", ("angry", "excited", "frustrated", "sad", "neutral"))
IEMOCAP3 = LabelScheme(
    "iemocap3",
    ("angry", "happy", "sad"),
    {"angry": "angry", "happy": "happy", "excited": "happy", "sad": "sad"},
)
IEMOCAP3_NEUTRAL = LabelScheme("iemocap3-neutral", ("angry", "happy", "neutral"))
IEMOCAP_ATTRIBUTES = AttributeScheme("iemocap-attributes")

MSP_PODCAST = LabelScheme(
    "msp-podcast",
    (
        "angry",
        "sad",
        "happy",
        "surprise",
        "fear",
        "disgust",
        "contempt",
        "neutral",
    ),
)
MSP_PODCAST_ATTRIBUTES = AttributeScheme("msp-podcast-attributes")

_MOSEI_EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")
MOSEI = LabelScheme("mosei", (*_MOSEI_EMOTIONS, "neutral"))
MOSEI4 = LabelScheme("mosei4", ("anger", "happy", "neutral", "sad"))
MOSEI_MULTILABEL = MultiLabelScheme("mosei-multilabel", _MOSEI_EMOTIONS)
MOSEI_ATTRIBUTES = AttributeScheme("mosei-sentiment", ("sentiment",))

SMILE = LabelScheme(
    "smile", ("happy", "angry", "surprise", "sad", "disgust", "not-relevant")
)
SMILE3 = LabelScheme("smile3", ("angry", "happy", "sad"))

# Several corpora in one: their words for one emotion, and nothing that is another.
_ANGRY = ("angry", "anger")
_DISGUST = ("disgust", "disgusted")
_FEAR = ("fear", "fearful")
_HAPPY = ("happy", "happiness")
_SAD = ("sad", "sadness")
_NEUTRAL = ("neutral",)


def _merge(**words: tuple[str, ...]) -> dict[str, str]:
    return {word: name for name, alternatives in words.items() for word in alternatives}


SIX = LabelScheme(
    "six-merge",
    ("angry", "disgust", "fear", "happy", "neutral", "sad"),
    _merge(
        angry=_ANGRY,
        disgust=_DISGUST,
        fear=_FEAR,
        happy=_HAPPY,
        neutral=(*_NEUTRAL, "calm"),
        sad=_SAD,
    ),
)
FOUR = LabelScheme(
    "four-merge",
    ("angry", "happy", "neutral", "sad"),
    _merge(
        angry=_ANGRY, happy=(*_HAPPY, "excited"), neutral=(*_NEUTRAL, "calm"), sad=_SAD
    ),
)
THREE = LabelScheme(
    "three-merge",
    ("angry", "happy", "neutral"),
    _merge(angry=_ANGRY, happy=_HAPPY, neutral=(*_NEUTRAL, "calm")),
)
VALENCE = LabelScheme(
    "valence3",
    ("negative", "neutral", "positive"),
    _merge(
        negative=(
            *_ANGRY,
            *_DISGUST,
            *_FEAR,
            *_SAD,
            "boredom",
            "contempt",
            "frustrated",
        ),
        neutral=(*_NEUTRAL, "calm"),
        positive=(*_HAPPY, "excited"),
    ),
)

_BUILT_IN: tuple[Scheme, ...] = (
    EMODB,
    RAVDESS,
    TESS,
    SAVEE,
    CREMA_D,
    ENTERFACE,
    AFEW,
    AESDD,
    IEMOCAP,
    IEMOCAP4_MERGE,
    IEMOCAP4_EXC,
    IEMOCAP4_IMPROVISED,
    IEMOCAP5,
    IEMOCAP3,
    IEMOCAP3_NEUTRAL,
    IEMOCAP_ATTRIBUTES,
    MSP_PODCAST,
    MSP_PODCAST_ATTRIBUTES,
    MOSEI,
    MOSEI4,
    MOSEI_MULTILABEL,
    MOSEI_ATTRIBUTES,
    SMILE,
    SMILE3,
    SIX,
    FOUR,
    THREE,
    VALENCE,
)


def scheme_names() -> list[str]:
    """Return the names of the label schemes that are built in.

    Returns
    -------
    names : list of str
        Each can be given as `scheme` and to :func:`get_scheme`.

    Examples
    --------
    >>> from sersk.datasets import scheme_names
    >>> [name for name in scheme_names() if name.startswith("iemocap4")]
    ['iemocap4-merge', 'iemocap4-exc', 'iemocap4-improvised']
    """
    return [scheme.name for scheme in _BUILT_IN]


def get_scheme(name: str) -> Scheme:
    """Return a label scheme that is built in.

    Parameters
    ----------
    name : str
        Its name; :func:`scheme_names` lists them.

    Returns
    -------
    scheme : LabelScheme, MultiLabelScheme or AttributeScheme
        Names and order of the classes, and which labels they merge.

    Raises
    ------
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> from sersk.datasets import get_scheme
    >>> print(get_scheme("iemocap4-merge"))
    iemocap4-merge: angry, happy (happy + excited), sad, neutral
    """
    for scheme in _BUILT_IN:
        if scheme.name == name:
            return scheme
    raise ValueError(
        f"There is no label scheme {name!r}. Built in are {', '.join(scheme_names())}; "
        "or make a LabelScheme of your own."
    )


def check_scheme(scheme: str | Scheme) -> Scheme:
    """Return the scheme that a parameter means: one by name, or an object as it is."""
    if isinstance(scheme, str):
        return get_scheme(scheme)
    if isinstance(scheme, (LabelScheme, MultiLabelScheme, AttributeScheme)):
        return scheme
    raise TypeError(
        f"scheme must be the name of a scheme or a LabelScheme, got {scheme!r}."
    )
