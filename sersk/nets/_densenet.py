"""DenseNet201, with the structure and the parameter names of torchvision.

torchvision is Copyright (c) Soumith Chintala 2016, All rights reserved, and distributed
under the BSD 3-Clause License, which stands in LICENSES/torchvision.txt.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sersk.nets._trunk import ImageTrunk

_LAYERS = (6, 12, 48, 32)
_GROWTH = 32
_BOTTLENECK = 4 * _GROWTH


class _DenseLayer(nn.Module):
    """Append 32 maps to those before."""

    def __init__(self, n_inputs: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(n_inputs)
        self.conv1 = nn.Conv2d(n_inputs, _BOTTLENECK, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(_BOTTLENECK)
        self.conv2 = nn.Conv2d(_BOTTLENECK, _GROWTH, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.norm1(x), inplace=True))
        y = self.conv2(F.relu(self.norm2(y), inplace=True))
        return torch.cat([x, y], 1)


def _transition(n_inputs: int) -> nn.Sequential:
    """Halve the maps and their size."""
    return nn.Sequential(
        OrderedDict[str, nn.Module](
            norm=nn.BatchNorm2d(n_inputs),
            relu=nn.ReLU(inplace=True),
            conv=nn.Conv2d(n_inputs, n_inputs // 2, 1, bias=False),
            pool=nn.AvgPool2d(2),
        )
    )


class DenseNet201(ImageTrunk):
    """Map images to logits by 201 layers, each of which sees those before it.

    The state dict has the names and shapes of torchvision's ``densenet201``, 20,013,928
    parameters, so that its weights load: :func:`load_trunk_weights`.

    Parameters
    ----------
    n_outputs : int or None, default=1000
        Number of classes, published for ImageNet. None leaves out the classifier: the
        net then returns its 1920 maps.

    References
    ----------
    Huang, Liu, van der Maaten and Weinberger (2017), Densely Connected Convolutional
    Networks, CVPR.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import DenseNet201
    >>> DenseNet201(n_outputs=None)(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 1920, 2, 2])
    """

    n_channels = 1920
    head_prefix = "classifier."
    last_layer = "classifier."
    mark = ("features.denseblock3.denselayer48.conv1.weight", None)

    def __init__(self, n_outputs: int | None = 1000) -> None:
        super().__init__()
        self.n_outputs = n_outputs
        width = 64
        self.features = nn.Sequential(
            OrderedDict[str, nn.Module](
                conv0=nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False),
                norm0=nn.BatchNorm2d(width),
                relu0=nn.ReLU(inplace=True),
                pool0=nn.MaxPool2d(3, 2, padding=1),
            )
        )
        for stage, n_layers in enumerate(_LAYERS, start=1):
            block = nn.Sequential()
            for layer in range(1, n_layers + 1):
                block.add_module(f"denselayer{layer}", _DenseLayer(width))
                width += _GROWTH
            self.features.add_module(f"denseblock{stage}", block)
            if stage < len(_LAYERS):
                self.features.add_module(f"transition{stage}", _transition(width))
                width //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(width))
        if n_outputs is not None:
            self.classifier = nn.Linear(width, n_outputs)
            nn.init.zeros_(self.classifier.bias)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def forward_features(self, x: Tensor) -> Tensor:
        """Return the maps before they are averaged.

        Parameters
        ----------
        x : Tensor of shape (batch, 3, height, width)
            Images, normalised as ImageNet's are; at least 29 x 29.

        Returns
        -------
        maps : Tensor of shape (batch, 1920, height / 32, width / 32)
            7 x 7 of 224 x 224.
        """
        return F.relu(self.features(x), inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, or the maps where there is no classifier.

        Parameters
        ----------
        x : Tensor of shape (batch, 3, height, width)
            Images, normalised as ImageNet's are; at least 29 x 29.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs), or the maps
            One row an image.
        """
        maps = self.forward_features(x)
        return maps if self.n_outputs is None else self.classifier(maps.mean((2, 3)))
