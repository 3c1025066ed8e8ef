"""The chapter's own way: torchvision's data set, four loader workers, the running metrics."""

import tempfile
import time
from pathlib import Path

import torch
from peer import BATCH, RATE, parser, report
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torch_net import lenet
from torchvision.datasets import FashionMNIST
from torchvision.transforms import ToTensor

WORKERS = 4


def loaders(folder: Path) -> tuple[DataLoader[Tensor], DataLoader[Tensor]]:
    """Show torchvision the files where it looks for them, so that it downloads nothing."""
    with tempfile.TemporaryDirectory() as root:
        raw = Path(root) / "FashionMNIST" / "raw"
        raw.mkdir(parents=True)
        for file in folder.glob("*-ubyte"):
            (raw / file.name).symlink_to(file.resolve())
        train, test = (FashionMNIST(root, part, transform=ToTensor()) for part in (True, False))
    return (
        DataLoader(train, BATCH, shuffle=True, num_workers=WORKERS),
        DataLoader(test, BATCH, shuffle=False, num_workers=WORKERS),
    )


def hits(scores: Tensor, labels: Tensor) -> float:
    return float((scores.argmax(1) == labels).sum())


def train_epoch(net: nn.Module, loader: DataLoader[Tensor], optimizer: torch.optim.SGD) -> None:
    """Train once through, with the loss and accuracy that the chapter sums after each batch."""
    cross_entropy = nn.CrossEntropyLoss()
    loss_sum = correct = 0.0
    net.train()
    for images, labels in loader:
        optimizer.zero_grad()
        scores = net(images)
        loss = cross_entropy(scores, labels)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            loss_sum += float(loss * len(labels))
            correct += hits(scores, labels)


@torch.no_grad()
def evaluate(net: nn.Module, loader: DataLoader[Tensor]) -> float:
    net.eval()
    correct = seen = 0.0
    for images, labels in loader:
        correct += hits(net(images), labels)
        seen += len(labels)
    return correct / seen


def main() -> None:
    given = parser(__doc__).parse_args()
    torch.set_num_threads(given.threads)
    train, test = loaders(given.folder)
    net = lenet()
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    seconds: list[float] = []
    accuracy = 0.0
    for _ in range(given.epochs):
        start = time.perf_counter()
        train_epoch(net, train, optimizer)
        seconds.append(time.perf_counter() - start)
        accuracy = evaluate(net, test)
    report("chapter", ["torch", "torchvision"], given.threads, seconds, accuracy)


if __name__ == "__main__":
    main()
