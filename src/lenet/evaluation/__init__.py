"""How good a trained network is: metrics, computed from the artifact alone."""

from lenet.evaluation.metrics import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
