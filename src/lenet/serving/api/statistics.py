"""Counts what Triton's statistics extension does: each network's inferences and their times.

The extension: triton-inference-server/server, ``docs/protocol/extension_statistics.md``. Times are
sums in nanoseconds since the service started.
"""

import time
from collections import Counter
from threading import Lock
from typing import Any

_STEPS = ("compute_input", "compute_infer", "compute_output")
_UNUSED = ("cache_hit", "cache_miss")


class Stopwatch:
    """Takes the time of a request, from its arrival on."""

    def __init__(self) -> None:
        self._last = self.begin = time.perf_counter_ns()
        self.ns: Counter[str] = Counter()

    def lap(self, name: str) -> None:
        """Count the time since the last call, or since the arrival, as that of step `name`."""
        now = time.perf_counter_ns()
        self.ns[name] += now - self._last
        self._last = now

    @property
    def total(self) -> int:
        """Nanoseconds from the arrival to the last step's end."""
        return self._last - self.begin


class Statistics:
    """The statistics of one network; requests may end in several threads at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = self._images = self._requests = 0
        self._count: Counter[str] = Counter()
        self._ns: Counter[str] = Counter()
        self._batches: dict[int, tuple[Counter[str], Counter[str]]] = {}

    def succeeded(self, watch: Stopwatch, images: int) -> None:
        """Count a request that was answered."""
        steps = ("queue", *_STEPS)
        with self._lock:
            self._last = int(time.time() * 1000)
            self._images += images
            self._requests += 1
            self._count.update(("success", *steps))
            self._ns.update({"success": watch.total, **{step: watch.ns[step] for step in steps}})
            counts, ns = self._batches.setdefault(images, (Counter(), Counter()))
            counts.update(_STEPS)
            ns.update({step: watch.ns[step] for step in _STEPS})

    def failed(self, watch: Stopwatch) -> None:
        """Count a request that was refused."""
        watch.lap("fail")
        with self._lock:
            self._count["fail"] += 1
            self._ns["fail"] += watch.total

    def to_json(self, name: str, version: str) -> dict[str, Any]:
        """Return the object that the extension defines."""
        with self._lock:
            steps = ("success", "fail", "queue", *_STEPS, *_UNUSED)
            return {
                "name": name,
                "version": version,
                "last_inference": self._last,
                "inference_count": self._images,
                "execution_count": self._requests,
                "inference_stats": {step: _entry(self._count, self._ns, step) for step in steps},
                "batch_stats": [
                    {"batch_size": size, **{step: _entry(counts, ns, step) for step in _STEPS}}
                    for size, (counts, ns) in sorted(self._batches.items())
                ],
            }


def _entry(counts: Counter[str], ns: Counter[str], step: str) -> dict[str, int]:
    return {"count": counts[step], "ns": ns[step]}
