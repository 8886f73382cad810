"""The systems of five published reports, measured beside what was printed.

One script a published table: ``python -m benchmarks.reports.NAME --help``.
"""
