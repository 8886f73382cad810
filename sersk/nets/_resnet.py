"""ResNet50 and ResNeXt50, with the structure and the parameter names of torchvision.

torchvision is Copyright (c) Soumith Chintala 2016, All rights reserved, and distributed
under the BSD 3-Clause License, which stands in LICENSES/torchvision.txt.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from sersk.nets._trunk import ImageTrunk

_BLOCKS = (3, 4, 6, 3)
# A bottleneck gives four times as many maps as its stage is called after.
_EXPANSION = 4


class _Bottleneck(nn.Module):
    """Add to maps what a 1 x 1, a 3 x 3 and a 1 x 1 convolution make of them."""

    def __init__(
        self, n_inputs: int, planes: int, stride: int, groups: int, width: int
    ) -> None:
        super().__init__()
        n_outputs = planes * _EXPANSION
        self.conv1 = nn.Conv2d(n_inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(
            width, width, 3, stride=stride, padding=1, groups=groups, bias=False
        )
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, n_outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(n_outputs)
        self.downsample = None
        if stride != 1 or n_inputs != n_outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(n_inputs, n_outputs, 1, stride=stride, bias=False),
                nn.BatchNorm2d(n_outputs),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class _BottleneckNet(ImageTrunk):
    """What ResNet50 and ResNeXt50 share."""

    n_channels = 512 * _EXPANSION
    head_prefix = "fc."
    last_layer = "fc."

    def __init__(self, n_outputs: int | None, groups: int, group_width: int) -> None:
        super().__init__()
        self.n_outputs = n_outputs
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        n_inputs = 64
        for stage, n_blocks in enumerate(_BLOCKS):
            planes = 64 * 2**stage
            width = planes * group_width // 64 * groups
            blocks = []
            for index in range(n_blocks):
                stride = 2 if stage and not index else 1
                blocks.append(_Bottleneck(n_inputs, planes, stride, groups, width))
                n_inputs = planes * _EXPANSION
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        if n_outputs is not None:
            self.fc = nn.Linear(n_inputs, n_outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu"
                )

    def forward_features(self, x: Tensor) -> Tensor:
        """Return the maps before they are averaged.

        Parameters
        ----------
        x : Tensor of shape (batch, 3, height, width)
            Images, normalised as ImageNet's are.

        Returns
        -------
        maps : Tensor of shape (batch, 2048, height / 32, width / 32)
            Rounded up.
        """
        x = self.maxpool(F.relu(self.bn1(self.conv1(x)), inplace=True))
        for stage in range(len(_BLOCKS)):
            x = self.get_submodule(f"layer{stage + 1}")(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, or the maps where there is no classifier.

        Parameters
        ----------
        x : Tensor of shape (batch, 3, height, width)
            Images, normalised as ImageNet's are.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs), or the maps
            One row an image.
        """
        maps = self.forward_features(x)
        return maps if self.n_outputs is None else self.fc(maps.mean((2, 3)))


class ResNet50(_BottleneckNet):
    """Map images to logits by 50 layers with residual connections.

    The state dict has the names and shapes of torchvision's ``resnet50``, 25,557,032
    parameters, so that its weights load: :func:`load_trunk_weights`.

    Parameters
    ----------
    n_outputs : int or None, default=1000
        Number of classes, published for ImageNet. None leaves out the classifier: the
        net then returns its 2048 maps.

    References
    ----------
    He, Zhang, Ren and Sun (2016), Deep Residual Learning for Image Recognition, CVPR.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import ResNet50
    >>> ResNet50(n_outputs=None)(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 2048, 2, 2])
    """

    mark = ("layer1.0.conv2.weight", (64, 64, 3, 3))

    def __init__(self, n_outputs: int | None = 1000) -> None:
        super().__init__(n_outputs, groups=1, group_width=64)


class ResNeXt50(_BottleneckNet):
    """Map images to logits by 50 residual layers with 32 groups of convolutions.

    The state dict has the names and shapes of torchvision's ``resnext50_32x4d``,
    25,028,904 parameters, so that its weights load: :func:`load_trunk_weights`.

    Parameters
    ----------
    n_outputs : int or None, default=1000
        Number of classes, published for ImageNet. None leaves out the classifier: the
        net then returns its 2048 maps.

    References
    ----------
    Xie, Girshick, Dollár, Tu and He (2017), Aggregated Residual Transformations for
    Deep Neural Networks, CVPR.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import ResNeXt50
    >>> ResNeXt50(n_outputs=None)(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 2048, 2, 2])
    """

    mark = ("layer1.0.conv2.weight", (128, 4, 3, 3))

    def __init__(self, n_outputs: int | None = 1000) -> None:
        super().__init__(n_outputs, groups=32, group_width=4)
