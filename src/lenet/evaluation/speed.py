"""Measures speed for ``lenet bench``: the engine, PyTorch and ONNX Runtime.

All are measured in turn, in one process on one machine, so that disturbances affect all alike.
"""

import os
import platform
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.engine import Normalization, native, normalized
from lenet.engine.checks import Floats
from lenet.evaluation import agreement
from lenet.machine import processor
from lenet.models.lenet import LeNet, xavier_uniform
from lenet.training.autograd import TorchSGD, TorchStep
from lenet.training.examples import Examples
from lenet.training.sgd import SGD
from lenet.training.step import NativeStep, Step
from lenet.training.trainer import Optimizer
from lenet.version import __version__

_BATCH = 256
_EPOCH_IMAGES = 60_000
_LEAST_SECONDS = 0.15
# Multiply-accumulates per image of each part of the engine, as `lenet.networks` counts them. Going
# backward, each layer repeats the work of its forward pass once for its weights and once for its
# input; the first layer needs no gradient of its input.
_MACS = {
    "gather": 0,
    "conv1 forward": 117_600,
    "conv2 forward": 240_000,
    "dense forward": 58_920,
    "dense backward": 2 * 58_920,
    "conv2 weights": 240_000,
    "conv2 input": 240_000,
    "conv1 weights": 117_600,
}

Work = Callable[[], object]


def measure(threads: int | None, rounds: int, callbacks: DataCallbacks = SILENT) -> dict[str, Any]:
    """Measure how fast each library trains and predicts; `lenet.cli.bench` prints the results.

    Parameters
    ----------
    threads
        Threads of each library; by default the processors that this process may use.
    rounds
        How often each is measured, in turn. Returned are the medians, the time of each round, and
        the ratios to lenet's time; None where the rounds disagree (`lenet.evaluation.agreement`).
    callbacks
        Receive the progress, and a warning if other work disturbs the measurement.
    """
    threads = threads or native.default_threads()
    load = agreement.load_warning(threads)
    if load is not None:
        callbacks.on_message(f"warning: {load}")
    torch.set_num_threads(threads)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (_EPOCH_IMAGES, 28, 28), dtype=np.uint8)
    split = Split(images, random.integers(0, 10, len(images)), tuple("0123456789"))
    model = LeNet()
    xavier_uniform(model)
    small = Split(images[:_BATCH], split.labels[:_BATCH], split.classes)
    step = _training(model, small, threads) | _compiled(model, small)
    epoch = _training(model, split, threads)
    task = partial(_task, rounds=rounds, threads=threads, callbacks=callbacks)
    tasks = [
        task(f"training step, batch {_BATCH}", _BATCH, step),
        task(f"training epoch, {_EPOCH_IMAGES:,} images", _EPOCH_IMAGES, epoch),
    ]
    for count in (1, _BATCH, 10_000):
        work = _forwards(model, images[:count], threads)
        tasks.append(task(f"inference, batch {count:,}", count, work))
    elsewhere = max((one["busy_elsewhere"] or 0.0 for one in tasks), default=0.0)
    if load is None:
        load = agreement.busy_warning(elsewhere, threads, os.cpu_count() or 1)
        if load is not None:
            callbacks.on_message(f"warning: {load}")
    versions = {"lenet": __version__, "python": platform.python_version()}
    versions |= {name: version(name) for name in ("torch", "onnxruntime") if find_spec(name)}
    result: dict[str, Any] = {
        "machine": processor(),
        "threads": threads,
        "rounds": rounds,
        "versions": versions,
        "warning": load,
        "tasks": tasks,
    }
    if not native.available():
        callbacks.on_message(native.missing())
    else:
        result["peak"] = _peak(model, split, threads, tasks[0]["seconds"]["lenet"])
    return result


def _task(
    name: str,
    images: int,
    work: dict[str, Work],
    rounds: int,
    threads: int,
    callbacks: DataCallbacks,
) -> dict[str, Any]:
    callbacks.on_progress(name, 0, rounds, "rounds")
    for key, one in list(work.items()):
        try:
            one()  # the first call compiles, allocates and fills caches
        except Exception:
            # torch.compile needs a compiler; it is left out on a machine without one.
            if "compile" not in key:
                raise
            del work[key]
    repeats = {key: _repeats(one) for key, one in work.items()}
    times: dict[str, list[float]] = {key: [] for key in work}
    of_rounds: dict[str, list[float]] = {key: [] for key in work}
    other_work = agreement.OtherWork()
    for number in range(rounds):
        for key, one in work.items():
            # As in `lenet train`, PyTorch's threads must not spin while the engine computes.
            torch.set_num_threads(1 if key == "lenet" else threads)
            found = [_seconds(one) for _ in range(repeats[key])]
            times[key] += found
            of_rounds[key].append(median(found))
        callbacks.on_progress(name, number + 1, rounds, "rounds")
    seconds = {key: median(values) for key, values in times.items()}
    ours = of_rounds.get("lenet")
    ratios = {key: agreement.ratio(one, ours) for key, one in of_rounds.items() if ours}
    return {
        "name": name,
        "images": images,
        "seconds": seconds,
        "rounds": of_rounds,
        "ratios": ratios,
        "busy_elsewhere": other_work.processors(),
    }


def _seconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _repeats(work: Work) -> int:
    return max(1, round(_LEAST_SECONDS / _seconds(work)))


def _training(model: LeNet, split: Split, threads: int) -> dict[str, Work]:
    """Return a pass over the split for each engine; all start from the model's parameters."""
    work: dict[str, Work] = {}
    if native.available():
        own = _parameters(model)
        step = NativeStep(model.definition, own, Examples(split), Normalization(), threads)
        work["lenet"] = _pass(step, SGD(own, step.gradients), len(split))
    other = _copy(model)
    step = TorchStep(model.definition, other, Examples(split), Normalization())
    return work | {"PyTorch": _pass(step, TorchSGD(other), len(split))}


def _compiled(model: LeNet, split: Split) -> dict[str, Work]:
    own = _copy(model)
    fast: nn.Module = torch.compile(own)  # pyright: ignore[reportAssignmentType] a module
    step = TorchStep(model.definition, fast, Examples(split), Normalization())
    return {"PyTorch, torch.compile": _pass(step, TorchSGD(own), len(split))}


def _copy(model: LeNet) -> LeNet:
    other = LeNet()
    other.load_state_dict(model.state_dict())
    return other


def _parameters(model: LeNet) -> dict[str, Floats]:
    names = model.definition.parameter_shapes
    return {name: model.get_parameter(name).detach().numpy().copy() for name in names}


def _pass(step: Step, optimizer: Optimizer, images: int) -> Work:
    order = np.random.default_rng(1).permutation(images)

    def work() -> None:
        step.begin(order, 0.0, 0)
        for first in range(0, images, _BATCH):
            step.batch(first, min(first + _BATCH, images))
            optimizer.step(0.1)

    return work


def _forwards(model: LeNet, images: NDArray[np.uint8], threads: int) -> dict[str, Work]:
    names = model.definition.parameter_shapes
    parameters = {name: model.get_parameter(name).detach().numpy() for name in names}
    predictor = Artifact(model.definition, parameters, tuple("0123456789")).predictor
    tensor = torch.from_numpy(images)

    @torch.inference_mode()
    def with_torch() -> None:
        model(tensor.to(torch.float32)[:, None] / 255)

    work: dict[str, Work] = {
        "lenet": lambda: predictor.forward(images, threads),
        "PyTorch": with_torch,
    }
    if find_spec("onnxruntime") is not None and find_spec("onnx") is not None:
        from lenet.export.onnx import session

        run = session(model.definition, parameters, threads)
        pixels = normalized(Normalization(), images)
        work["ONNX Runtime"] = lambda: run(pixels)
    return work


def _peak(model: LeNet, split: Split, threads: int, step_seconds: float) -> dict[str, Any]:
    """Return the share of the FMA peak: of a step on all threads, of its parts on one thread."""
    variant = native.variants()[0]
    seconds = np.zeros(len(native.PARTS))
    network = model.definition
    values = [model.get_parameter(n).detach().numpy() for n in network.parameter_shapes]
    step = native.Plan(network).batches(
        native.Pointers(network, values),
        native.Pointers(network, [np.empty_like(value) for value in values]),
        Normalization(),
        split.images,
        split.labels,
        1,
        seconds,
    )
    order = np.random.default_rng(2).permutation(len(split))
    step(order[:_BATCH])
    seconds[:] = 0
    count = len(split) // _BATCH // 4
    for number in range(count):
        step(order[number * _BATCH : (number + 1) * _BATCH])
    rates = {n: native.measured_peak(variant, n) for n in {1, threads}}
    parts = [
        {
            "name": name,
            "multiply_accumulates": _MACS[name],
            "microseconds": float(spent) / (count * _BATCH) * 1e6,
            "share": _MACS[name] * count * _BATCH / float(spent) / rates[1],
        }
        for name, spent in zip(native.PARTS, seconds, strict=True)
    ]
    return {
        "variant": variant,
        "multiply_accumulates_per_second": rates[threads],
        "share": _BATCH * sum(_MACS.values()) / step_seconds / rates[threads],
        "parts": parts,
    }
