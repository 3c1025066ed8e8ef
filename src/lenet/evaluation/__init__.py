"""Measures how good a trained network is: metrics, comparisons, probes and speed."""

from lenet.evaluation.metrics import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
