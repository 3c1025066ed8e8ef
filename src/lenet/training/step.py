"""One training step by PyTorch, on images that already lie in the device's memory as uint8."""

import torch
from torch import Tensor, nn

from lenet.data import Split
from lenet.engine import Normalization, channels_first

_EVALUATED_AT_ONCE = 1000


class TorchStep:
    """Loss and gradients from PyTorch's autograd.

    Parameters
    ----------
    model
        Takes float32 ``[N, channels, height, width]``; its parameters receive gradients.
    split
        The images; they are copied to the model's device once, as uint8.
    normalization
        Applied to each batch on the device.
    """

    def __init__(self, model: nn.Module, split: Split, normalization: Normalization) -> None:
        device = next(model.parameters()).device
        self.model = model
        self.normalization = normalization
        self.images = torch.from_numpy(channels_first(split.images).copy()).to(device)
        self.labels = torch.from_numpy(split.labels).to(device)

    def _scores(self, index: Tensor | slice) -> Tensor:
        return self.model(self.normalization(self.images[index].to(torch.float32)))

    def loss_and_gradients(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Set the gradient of every parameter for the images numbered by `index` (int64).

        Returns
        -------
        The mean cross-entropy and the number right, as scalars on the device: reading them
        would make a GPU wait.
        """
        labels = self.labels[index]
        scores = self._scores(index)
        loss = nn.functional.cross_entropy(scores, labels)
        self.model.zero_grad(set_to_none=True)
        loss.backward()  # pyright: ignore[reportUnknownMemberType] torch leaves it untyped
        return loss.detach(), (scores.detach().argmax(dim=1) == labels).sum()

    @torch.no_grad()
    def accuracy(self) -> float:
        """Return the share of all images that the model gets right."""
        right = 0
        for start in range(0, len(self.labels), _EVALUATED_AT_ONCE):
            block = slice(start, start + _EVALUATED_AT_ONCE)
            right += int((self._scores(block).argmax(dim=1) == self.labels[block]).sum())
        return right / len(self.labels)
