"""What each metric is, in words that go under tables."""

_ABBREVIATIONS = {
    "WA": "weighted_accuracy",
    "UA": "unweighted_accuracy",
    "F1": "macro_f1",
    "CCC": "concordance_correlation_coefficient",
    "PCC": "pearson_correlation",
    "MAE": "mean_absolute_error",
    "RMSE": "root_mean_squared_error",
    "ECE": "expected_calibration_error",
}

_DEFINITIONS = {
    "weighted_accuracy": "weighted accuracy, the share of clips that are right",
    "unweighted_accuracy": "unweighted accuracy, the mean recall over classes",
    "macro_f1": "macro F1, the mean F1 over classes",
    "micro_f1": "micro F1, the F1 of all hits and errors pooled, which is WA where "
    "each clip has one label",
    "weighted_f1": "weighted F1, the mean F1 over classes, weighted by their clips",
    "concordance_correlation_coefficient": "Lin's concordance correlation coefficient, "
    "2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))²), over all clips at once",
    "mean_concordance": "mean over attributes of the concordance correlation "
    "coefficient",
    "pearson_correlation": "Pearson's correlation coefficient, "
    "cov(t, p) / √(var(t) var(p)), over all clips at once",
    "mean_absolute_error": "mean absolute error, in the unit of the attribute; less is "
    "better",
    "root_mean_squared_error": "root of the mean squared error, in the unit of the "
    "attribute; less is better",
    "multilabel_macro_f1": "macro F1, the mean F1 over labels",
    "precision": "of the clips that got the label, the share that have it; 0 if none "
    "got it",
    "recall": "of the clips that have the label, the share that got it; 0 if none "
    "has it",
    "f1": "F1, the harmonic mean of precision and recall; 0 if both are",
    "support": "number of clips that have the label",
    "defined": "no where precision or recall is 0 only because there is nothing to "
    "divide by",
    "micro avg": "of the hits and errors of all labels pooled",
    "macro avg": "mean over labels",
    "weighted avg": "mean over labels, weighted by their support",
    "samples avg": "mean over clips of the score of each clip's labels",
    "confusion_counts": "number of clips of each true class (row) that are taken for "
    "each class (column), over all folds",
    "normalise_confusion": "share of the clips of each true class (row) that are taken "
    "for each class (column)",
    "mean_confusion": "share of the clips of each true class (row) that are taken for "
    "each class (column), by fold, then averaged over folds",
    "pooled_confusion": "share of the clips of each true class (row) that are taken "
    "for each class (column), of the clips of all folds together",
    "expected_calibration_error": "expected calibration error, the mean distance of "
    "confidence and accuracy over bins of equal width of the top label's probability, "
    "weighted by clips; less is better",
    "brier_score": "Brier score, the squared distance of probabilities and truth, "
    "summed over classes, averaged over clips; 0 to 2, less is better",
    "worst_group": "the least value of any group, over the classes that it has",
    "group_gap": "greatest minus least value of the groups, each over the classes that "
    "it has; less is better",
}


def define_metric(name: str) -> str:
    """Return what a metric is, as a phrase to put under a table.

    Parameters
    ----------
    name : str
        Name of the function, such as ``"unweighted_accuracy"``, of its scorer, or of a
        column or row of its table; or one of WA, UA, F1 (macro), CCC, PCC, MAE, RMSE
        and ECE.

    Returns
    -------
    definition : str
        A phrase without a full stop.

    Raises
    ------
    ValueError
        If no metric has this name.

    Examples
    --------
    >>> from sersk.metrics import define_metric
    >>> define_metric("UA")
    'unweighted accuracy, the mean recall over classes'
    """
    key = _ABBREVIATIONS.get(name, name).removesuffix("_scorer")
    if key not in _DEFINITIONS:
        known = ", ".join([*_ABBREVIATIONS, *_DEFINITIONS])
        raise ValueError(f"No metric is called {name!r}. There are: {known}.")
    return _DEFINITIONS[key]
