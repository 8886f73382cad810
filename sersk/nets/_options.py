"""Parameters of nets that have one of a few values."""


def check_option(name: str, value: object, options: tuple) -> None:
    """Raise unless a parameter has one of the values that it may have."""
    if value not in options:
        known = ", ".join(repr(option) for option in options)
        raise ValueError(f"{name} must be one of {known}, got {value!r}.")
