"""Trains the networks that read numbers, from whole number images and their digits.

The positions of the digits are not given. The loss is the forward penalty of the correct string
(Proc. IEEE 86(11), 1998, equation 14 and page 28), known today as CTC (Graves, Fernández, Gomez,
Schmidhuber, ICML 2006).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lenet.artifact import Artifact
from lenet.data.cheques import Cheque
from lenet.errors import LenetError
from lenet.models.space_displacement import SpaceDisplacementNetwork
from lenet.networks import Network
from lenet.networks.reader import SYMBOLS
from lenet.pictures.field import field_of
from lenet.pictures.image import read_image
from lenet.reading.calibrate import Number
from lenet.reading.decoder import read_string
from lenet.reading.reader import log_probabilities_of
from lenet.synthesis.fields import AT_ONCE, Batch, Sources, batches
from lenet.training.checkpoint import FOLDER, READER
from lenet.training.field_distortion import distorted
from lenet.training.loop import Diverged, Interrupted
from lenet.training.reader_recipe import ReaderRecipe
from lenet.training.torch_state import store, stored

OnStep = Callable[[int, float, Callable[[], Artifact]], None]
"""Receives a step's number, its loss, and a function that returns the network at that moment."""

_NONE = SYMBOLS.index("none")
_NAMES = {"seed": "another seed", "lessons": "another recipe", "cheques_sha256": "other cheques"}


def train_reader(
    sources: Sources,
    network: Network,
    recipe: ReaderRecipe,
    seed: int,
    folder: Path,
    on_step: OnStep,
    should_stop: Callable[[], bool] = lambda: False,
) -> Artifact:
    """Train one network that reads numbers, or continue from its checkpoint.

    Parameters
    ----------
    sources
        The material that the training images are made from.
    network
        A network that `SpaceDisplacementNetwork` can build: 32 pixels high, with the classes
        `SYMBOLS`.
    folder
        An existing folder. A checkpoint is written into it before the first step and after every 40
        steps. If it holds one already, training continues there. On the same machine the parameters
        are then the same, to the bit, as without the interruption.
    on_step, should_stop
        Called after every step; the training stops if `should_stop` returns True.

    Raises
    ------
    lenet.training.loop.Interrupted
        `should_stop` returned True.
    lenet.training.loop.Diverged
        The loss or a parameter is infinite or NaN. The last good checkpoint is kept.
    LenetError
        The checkpoint is corrupt, or belongs to another training.
    """
    with torch.random.fork_rng(devices=[]):  # dropout uses PyTorch's global generator
        torch.manual_seed(seed)
        model = SpaceDisplacementNetwork(network)
        random = torch.Generator().manual_seed(seed)
        optimizer = torch.optim.AdamW(
            model.parameters(), recipe.learning_rate, (0.9, 0.98), weight_decay=recipe.weight_decay
        )
        training = {"seed": seed, "lessons": asdict(recipe), "cheques_sha256": sources.sha256}
        state = _State(folder / FOLDER / READER, training, model, optimizer, random)

        def artifact() -> Artifact:
            return Artifact(network, model.parameters_folded(network), SYMBOLS, pictures="numbers")

        done = state.load()
        if done == recipe.steps:
            return artifact()
        bfloat16 = _bfloat16_is_fast()
        made = batches(sources, recipe.batch_size, seed, done // AT_ONCE)
        for step, batch in enumerate(made, start=done + 1):
            ink = distorted(torch.from_numpy(batch.ink).float() / 255, random)
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                log_probabilities = model(ink)
            loss = _penalty(log_probabilities, batch)
            if not math.isfinite(loss.item()):
                raise Diverged(f"the loss became infinite or NaN in step {step:,}")
            optimizer.param_groups[0]["lr"] = recipe.rate(step)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            on_step(step, loss.item(), artifact)
            if step % AT_ONCE == 0 or step == recipe.steps:
                if not all(bool(value.isfinite().all()) for value in model.parameters()):
                    raise Diverged(f"the parameters became infinite or NaN before step {step:,}")
                state.save(step)
            if step == recipe.steps:
                break
            if should_stop():
                raise Interrupted
        return artifact()


def seed_of(folder: Path) -> int:
    """Return the seed of a run that trains a reader; raises `LenetError` without a checkpoint."""
    with stored(folder / FOLDER / READER) as state:
        return int(state["of"]["seed"])


def _bfloat16_is_fast() -> bool:
    """Return whether the processor multiplies bfloat16: two to three times as fast as float32."""
    ask = getattr(torch.cpu, "get_capabilities", None)  # older versions of PyTorch lack it
    known: dict[str, Any] = {} if ask is None else ask()
    return any(known.get(name, False) for name in ("amx_bf16", "avx512_bf16"))


@dataclass
class _State:
    """The changing parts of a training, and the checkpoint at `path` that they are kept in.

    `training` identifies the training: a checkpoint of another one is refused.
    """

    path: Path
    training: dict[str, Any]
    model: nn.Module
    optimizer: torch.optim.Optimizer
    random: torch.Generator

    def save(self, step: int) -> None:
        state = {
            "of": self.training,
            "step": step,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": self.random.get_state(),
            "torch": torch.get_rng_state(),  # for dropout
        }
        store(self.path, state)

    def load(self) -> int:
        """Restore the checkpoint and return its step; without one, write the first."""
        if not self.path.is_file():
            self.save(0)
            return 0
        with stored(self.path) as state:
            step = int(state["step"])
            begun: dict[str, Any] = state["of"]
            changed = [_NAMES[key] for key, value in self.training.items() if begun[key] != value]
            if not changed:
                self.model.load_state_dict(state["model"])
                self.optimizer.load_state_dict(state["optimizer"])
                self.random.set_state(state["random"])
                torch.set_rng_state(state["torch"])
        if changed:
            raise LenetError(
                f"{self.path} was begun with {' and '.join(changed)} and cannot be resumed; "
                "start it again"
            )
        return step


def _penalty(log_probabilities: Tensor, batch: Batch) -> Tensor:
    """Return the mean forward penalty of the correct strings; 0 for one that is too long to fit."""
    columns = torch.full((len(log_probabilities),), log_probabilities.shape[1])
    penalties = nn.functional.ctc_loss(
        log_probabilities.transpose(0, 1),
        torch.from_numpy(batch.digits),
        columns,
        torch.from_numpy(batch.lengths),
        blank=_NONE,
        reduction="none",
        zero_infinity=True,
    )
    return penalties.mean()


def numbers_of(cheques: Iterable[Cheque]) -> list[Number]:
    """Return the number images of cheques, with their digits."""
    fields = ((field_of(read_image(cheque.path)), cheque.digits) for cheque in cheques)
    return [(field and field.ink, digits) for field, digits in fields]


def string_accuracy(reader: Artifact, numbers: Sequence[Number]) -> float:
    """Return the share of numbers whose digits are all read correctly; nothing is rejected."""
    correct = (
        ink is not None and read_string(log_probabilities_of(reader, ink))[0] == digits
        for ink, digits in numbers
    )
    return sum(correct) / len(numbers)
