"""Pictures and the page of a run."""

from lenet.report.write import PAGE, write_report

__all__ = ["PAGE", "write_report"]
