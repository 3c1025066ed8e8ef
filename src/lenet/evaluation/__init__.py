"""How good a trained network is: metrics, comparisons, probes and measurements of speed."""

from lenet.evaluation.metrics import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
