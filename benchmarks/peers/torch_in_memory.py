"""PyTorch without loaders: the pixels lie in memory as bytes, each batch is picked from them."""

import time

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from peer import BATCH, RATE, TEST, TRAIN, parser, read, report
from torch import Tensor
from torch_net import lenet


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--compile", action="store_true", help="under torch.compile")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    images, labels = (torch.from_numpy(part) for part in read(given.folder, TRAIN))
    test_images, test_labels = (torch.from_numpy(part) for part in read(given.folder, TEST))
    labels = labels.long()
    net = lenet()

    def forward(rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss and the number of correct answers, both of no dimension."""
        pixels = images.index_select(0, rows).unsqueeze(1).float() / 255
        expected = labels.index_select(0, rows)
        scores = net(pixels)
        return F.cross_entropy(scores, expected), (scores.argmax(1) == expected).sum()

    # Not dynamic: once for the full batch, once for the epoch's last and smaller one.
    run = torch.compile(forward, dynamic=False) if given.compile else forward
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, fused=True)
    seconds: list[float] = []
    accuracy = 0.0
    for _ in range(given.epochs):
        start = time.perf_counter()
        loss_sum, correct = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for rows in torch.randperm(len(images)).split(BATCH):
            loss, hits = run(rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * len(rows)
            correct += hits
        seconds.append(time.perf_counter() - start)
        with torch.inference_mode():
            scores = torch.cat([net(p.unsqueeze(1) / 255) for p in test_images.split(BATCH)])
        accuracy = float((scores.argmax(1) == test_labels).float().mean())
    name = "torch.compile in memory" if given.compile else "torch in memory"
    report(name, ["torch"], given.threads, seconds, accuracy)


if __name__ == "__main__":
    main()
