"""Training the network that reads numbers, from whole strings: no one says where a digit is.

The criterion is the forward penalty of the right string (Proc. IEEE 86(11), 1998, equation 14 and
page 28; today known as CTC: Graves, Fernández, Gomez, Schmidhuber, ICML 2006).
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
from lenet.models.space_displacement import UnrolledLeNet
from lenet.networks import Network
from lenet.networks.reader import SYMBOLS, reader_network, residual_reader_network
from lenet.pictures.field import field_of
from lenet.pictures.image import read_image
from lenet.reading.calibrate import Number
from lenet.reading.decoder import read_string
from lenet.reading.reader import views_of
from lenet.synthesis.fields import AT_ONCE, Batch, Sources, batches
from lenet.training.checkpoint import FOLDER, store, stored
from lenet.training.field_distortion import distorted
from lenet.training.loop import Interrupted

_NONE = SYMBOLS.index("none")
_STATE = "reader.pt"
_NAMES = {
    "seed": "another seed",
    "lessons": "other lessons",
    "cheques_sha256": "other cheques",
}


@dataclass(frozen=True)
class Lessons:
    """How a reader is trained.

    Parameters
    ----------
    steps, batch_size
        Batches, and fields in each.
    learning_rate, weight_decay
        Of AdamW; the rate rises over the first hundred steps and falls by a cosine to 0.
    """

    steps: int
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.02


def members() -> tuple[tuple[Network, Lessons], ...]:
    """Return the networks of a reader, which are asked together, and how each is trained."""
    return (
        (reader_network(), Lessons(steps=8_000)),
        (residual_reader_network(), Lessons(steps=3_000, weight_decay=0.05)),
    )


def train_reader(
    made_from: Sources,
    network: Network,
    lessons: Lessons,
    seed: int,
    folder: Path,
    news: Callable[[int, float, Callable[[], Artifact]], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> Artifact:
    """Train a network that reads, from first weights or from where it was stopped.

    Parameters
    ----------
    network
        See `UnrolledLeNet`; 32 pixels high, and with the classes `SYMBOLS`.
    folder
        Exists. A checkpoint is kept in it from the first moment on, a new one every 40 steps, and
        training goes on from one that is there: the same to the bit as if it had never stopped, on
        the same machine.
    news
        Called after every step with its number, its loss, and what makes an artifact of the
        network as it is then.

    Raises
    ------
    lenet.training.loop.Interrupted
        `should_stop` said so.
    LenetError
        The checkpoint is corrupt, or of another training.
    """
    with torch.random.fork_rng(devices=[]):  # which silences units at random
        torch.manual_seed(seed)
        path = folder / FOLDER / _STATE
        return _trained(made_from, network, lessons, seed, path, news, should_stop)


def is_reader(folder: Path) -> bool:
    """Return whether the checkpoint of the run in `folder` is a reader's."""
    return (folder / FOLDER / _STATE).is_file()


def seed_of(folder: Path) -> int:
    """Return the seed that the reader in `folder` was begun with.

    Raises
    ------
    LenetError
        There is no checkpoint, or it is corrupt.
    """
    with stored(folder / FOLDER / _STATE) as state:
        return int(state["of"]["seed"])


def _trained(
    made_from: Sources,
    network: Network,
    lessons: Lessons,
    seed: int,
    path: Path,
    news: Callable[[int, float, Callable[[], Artifact]], None],
    should_stop: Callable[[], bool],
) -> Artifact:
    model = UnrolledLeNet(network)
    random = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lessons.learning_rate, (0.9, 0.98), weight_decay=lessons.weight_decay
    )
    # Two or three times as fast where a processor multiplies in bfloat16, slower elsewhere.
    ask = getattr(torch.cpu, "get_capabilities", None)  # which older versions do not know
    known: dict[str, Any] = {} if ask is None else ask()
    short = any(known.get(name, False) for name in ("amx_bf16", "avx512_bf16"))

    def artifact() -> Artifact:
        return Artifact(network, model.parameters_folded(network), SYMBOLS, pictures="numbers")

    done = 0
    of = {"seed": seed, "lessons": asdict(lessons), "cheques_sha256": made_from.sha256}
    if path.is_file():
        done = _restored(path, of, model, optimizer, random)
    else:
        _keep(path, of, done, model, optimizer, random)
    if done == lessons.steps:
        return artifact()
    made = batches(made_from, lessons.batch_size, seed, done // AT_ONCE)
    for step, batch in enumerate(made, start=done + 1):
        ink = distorted(torch.from_numpy(batch.ink).float() / 255, random)
        with torch.autocast("cpu", torch.bfloat16, enabled=short):
            shares = model(ink)
        loss = _penalty(shares, batch)
        optimizer.param_groups[0]["lr"] = _rate(lessons, step)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        news(step, loss.item(), artifact)
        if step % AT_ONCE == 0 or step == lessons.steps:
            _keep(path, of, step, model, optimizer, random)
        if step == lessons.steps:
            break
        if should_stop():
            raise Interrupted
    return artifact()


def _keep(
    path: Path, of: dict[str, Any], step: int, model: nn.Module, optimizer: torch.optim.Optimizer,
    random: torch.Generator,
) -> None:  # fmt: skip
    state = {
        "of": of,
        "step": step,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": random.get_state(),
        "torch": torch.get_rng_state(),  # which drops units out
    }
    store(path, state)


def _restored(
    path: Path, of: dict[str, Any], model: nn.Module, optimizer: torch.optim.Optimizer,
    random: torch.Generator,
) -> int:  # fmt: skip
    """Take back what `_keep` wrote; return the step."""
    with stored(path) as state:
        step = int(state["step"])
        begun: dict[str, Any] = state["of"]
        other = " and ".join(_NAMES[name] for name, value in of.items() if begun[name] != value)
        if not other:
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
            random.set_state(state["random"])
            torch.set_rng_state(state["torch"])
    if other:
        raise LenetError(f"{path} was begun with {other} and cannot be resumed; start it again")
    return step


def _penalty(shares: Tensor, batch: Batch) -> Tensor:
    """Return the mean forward penalty of the right strings; one that cannot be read costs none."""
    columns = torch.full((len(shares),), shares.shape[1])
    penalties = nn.functional.ctc_loss(
        shares.transpose(0, 1),
        torch.from_numpy(batch.digits),
        columns,
        torch.from_numpy(batch.lengths),
        blank=_NONE,
        reduction="none",
        zero_infinity=True,
    )
    return penalties.mean()


def _rate(lessons: Lessons, step: int) -> float:
    fall = (1 + math.cos(math.pi * (step - 1) / lessons.steps)) / 2
    return lessons.learning_rate * min(1.0, step / 100) * fall


def numbers_of(cheques: Iterable[Cheque]) -> list[Number]:
    """Return the fields of cheques, with the digits that each says."""
    fields = ((field_of(read_image(cheque.path)), cheque.digits) for cheque in cheques)
    return [(field and field.ink, digits) for field, digits in fields]


def share_read(reader: Artifact, numbers: Sequence[Number]) -> float:
    """Return the share of numbers that are read whole and right, none rejected."""
    read = (
        ink is not None and read_string(views_of(reader, ink))[0] == digits
        for ink, digits in numbers
    )
    return sum(read) / len(numbers)
