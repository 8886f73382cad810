"""The systems of five published reports, measured beside what was printed.

One script a published table: ``python -m benchmarks.reports.NAME --help``.
"""

from benchmarks.reports._all import describe_systems, run_all, script_names

__all__ = ["describe_systems", "run_all", "script_names"]
