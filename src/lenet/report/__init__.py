"""Figures and the HTML report of a run, a comparison or a probe."""

from lenet.report.write import PAGE, write_report

__all__ = ["PAGE", "write_report"]
