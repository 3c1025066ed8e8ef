"""The benchmarks import each other by name, as scripts in one folder do; so do their tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
