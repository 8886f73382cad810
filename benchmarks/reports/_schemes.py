"""Label schemes of the reports that sersk does not have."""

from sersk.datasets import AttributeScheme, LabelScheme

# As the counts of the tables tell: four of each actor are neutral, none is calm.
RAVDESS_WITHOUT_CALM = LabelScheme(
    "ravdess6", ("angry", "disgust", "fearful", "happy", "neutral", "sad")
)
ATTRIBUTES = {
    name: AttributeScheme(f"msp-podcast-{name}", (name,))
    for name in ("arousal", "dominance", "valence")
}
ALL_ATTRIBUTES = AttributeScheme("msp-podcast-attributes", tuple(ATTRIBUTES))
# From 0 to 3, in the order of the report.
MOSEI_DEGREES = AttributeScheme(
    "mosei-degrees", ("happy", "sad", "anger", "surprise", "disgust", "fear")
)
