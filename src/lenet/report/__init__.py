"""Draws the figures of runs, comparisons and probes, and writes the HTML report of a run.

Comparisons come from ``lenet compare``, probes from ``lenet probe``.
"""

from lenet.report.write import PAGE, write_report

__all__ = ["PAGE", "write_report"]
