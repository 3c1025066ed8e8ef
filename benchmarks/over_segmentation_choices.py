"""What an arc's penalty is weighted by in reading by over-segmentation, learnt from real cheques.

    python benchmarks/over_segmentation_choices.py              from all crops, in half a minute
    python benchmarks/over_segmentation_choices.py --every 12   from every 12th, for a quick look

The weights (`_AS_DIGIT` and `_AS_NOTHING` in `over_segmentation.read`) are those for which
E_dforw, the discriminative forward criterion (Proc. IEEE 86(11), 1998, section VI and equation 17),
is least on the mean over the training part of the cheques; the network stays as it is. Printed are
the mean E_dforw and the share of whole amounts right on the same crops: with the weights from which
the search starts, with the package's, and with those found. The package's are an earlier search's.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lenet.artifact import load
from lenet.data.cheque_source import find_cheques
from lenet.data.cheques import Cheque
from lenet.pictures.field import field_of
from lenet.pictures.image import read_image
from over_segmentation.arc_images import arc_images
from over_segmentation.cuts import cuts
from over_segmentation.groupings import groupings
from over_segmentation.read import features, log_probabilities, penalties, written
from over_segmentation.segmentation_graph import MEANINGS, NOTHING, Doubles, SegmentationGraph

AS_DIGIT = 8  # weights as a digit; six more as nothing; the first of either: what the network says
START = torch.tensor([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], dtype=torch.float64)
MOST = 25.0  # of E_dforw: amounts that hardly a path spells must not outweigh the others
DECAY = 0.001  # times the mean square of the weights
IMPOSSIBLE = -1e9  # a log weight; with minus infinity the gradients would be NaN


@dataclass(frozen=True)
class Amount:
    """What a crop says, its graph with the package's weights, and the features of its arcs."""

    digits: str
    graph: SegmentationGraph
    as_digits: Doubles
    as_nothing: Doubles


def amounts(cheques: Iterable[Cheque]) -> Iterator[Amount]:
    """Yield those of the crops in which there is any writing."""
    network = load("digits-record")
    for cheque in cheques:
        field = field_of(read_image(cheque.path))
        if field is None:
            continue
        ink = field.ink.astype(np.float32) / np.float32(255)
        mask = written(ink)
        places = cuts(mask)
        if len(places):
            found = groupings(mask, places)
            of_arcs = features(found, log_probabilities(network, arc_images(ink, mask, found)))
            graph = SegmentationGraph(len(places) - 1, found.starts, found.ends, penalties(of_arcs))
            yield Amount(cheque.digits, graph, *of_arcs)


def weighted(read: Sequence[Amount], weights: Tensor) -> Tensor:
    """Return all arcs' penalties, float64 ``[A, 11]``, with weights float64 ``[14]``."""
    as_digits = torch.from_numpy(np.concatenate([one.as_digits for one in read]))
    as_nothing = torch.from_numpy(np.concatenate([one.as_nothing for one in read]))
    return torch.column_stack((as_digits @ weights[:AS_DIGIT], as_nothing @ weights[AS_DIGIT:]))


def criterion(read: Sequence[Amount], of_arcs: Tensor) -> Tensor:
    """Return E_dforw, float64 ``[B]``, at most `MOST`: `SegmentationGraph`'s, with gradients."""
    owners = np.repeat(np.arange(len(read)), [len(one.as_digits) for one in read])
    ends = np.concatenate([one.graph.ends for one in read])
    spans = ends - np.concatenate([one.graph.starts for one in read])
    nodes, widest = int(ends.max()) + 1, int(spans.max())
    lengths = torch.tensor([len(one.digits) for one in read])
    # By the node an arc reaches and how many nodes it goes back, less one.
    table = torch.full((len(read), nodes, widest, MEANINGS), IMPOSSIBLE, dtype=torch.float64)
    table[owners, ends, spans - 1] = -of_arcs
    longest = int(lengths.max())
    digits = torch.tensor([[int(one) for one in a.digits.ljust(longest, "0")] for a in read])
    own = table.gather(3, digits[:, None, None].expand(-1, nodes, widest, -1))
    # Log weights of the paths to each node: of all, and of those that spell so many digits.
    free = [torch.zeros(len(read), dtype=torch.float64)]
    spelling = [functional.pad(free[0][:, None], (0, longest), value=IMPOSSIBLE)]
    for node in range(1, nodes):
        back = min(node, widest)
        before = torch.stack(free[: -back - 1 : -1], 1)
        free.append((before + table[:, node, :back].logsumexp(2)).logsumexp(1))
        before = torch.stack(spelling[: -back - 1 : -1], 1)
        nothing = before + table[:, node, :back, NOTHING, None]
        digit = functional.pad(before[..., :-1] + own[:, node, :back], (1, 0), value=IMPOSSIBLE)
        spelling.append(torch.cat((digit, nothing), 1).logsumexp(1))
    each, last = torch.arange(len(read)), torch.tensor([one.graph.last for one in read])
    penalty = torch.stack(free, 1)[each, last] - torch.stack(spelling, 1)[each, last, lengths]
    return penalty.clamp(max=MOST)


def least(read: Sequence[Amount], start: Tensor) -> Tensor:
    """Return the weights that L-BFGS finds from a start."""
    weights = start.clone().requires_grad_()
    search = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        value = criterion(read, weighted(read, weights)).mean() + DECAY * weights.square().mean()
        value.backward()
        return value

    search.step(loss)
    return weights.detach()


def right(read: Sequence[Amount], of_arcs: Tensor) -> int:
    """Count the amounts that the path of least penalty spells."""
    count = 0
    firsts = np.cumsum([len(one.as_digits) for one in read])[:-1]
    for one, part in zip(read, np.split(of_arcs.numpy(), firsts), strict=True):
        _, path = replace(one.graph, penalties=part).viterbi()
        count += one.digits == "".join(str(digit) for _, digit in path if digit != NOTHING)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description="Weights of reading by over-segmentation.")
    parser.add_argument("--cheques", type=Path, help="by default they are found or fetched")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="use every Nth crop")
    given = parser.parse_args()
    if given.every < 1:
        parser.error("--every takes 1 or more")
    cheques = [one for one in find_cheques(given.cheques) if one.part == "train"][:: given.every]
    read = list(amounts(cheques))
    print(f"{len(cheques)} crops of the training part, {len(read)} of them with writing")
    found = least(read, START)
    package = torch.from_numpy(np.concatenate([one.graph.penalties for one in read]))
    ways = {"start": weighted(read, START), "package": package, "found": weighted(read, found)}
    for name, of_arcs in ways.items():
        mean, share = float(criterion(read, of_arcs).mean()), right(read, of_arcs) / len(cheques)
        print(f"{name:8} E_dforw {mean:.3f}  right {share:.1%}")
    print("as digit:  ", [round(float(one), 2) for one in found[:AS_DIGIT]])
    print("as nothing:", [round(float(one), 2) for one in found[AS_DIGIT:]])


if __name__ == "__main__":
    main()
