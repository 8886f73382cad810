"""The version of sersk, written here and only here."""

__version__ = "0.1.0"
