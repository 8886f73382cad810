"""AlexNet, with the structure and the parameter names of torchvision.

torchvision is Copyright (c) Soumith Chintala 2016, All rights reserved, and distributed
under the BSD 3-Clause License, which stands in LICENSES/torchvision.txt.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from sersk.nets._blocks import last_size, zero_beyond
from sersk.nets._lengths import frame_mask
from sersk.nets._trunk import ImageTrunk


class AlexNet(ImageTrunk):
    """Map images to logits by five convolutions, three poolings and three layers.

    The state dict has the names and shapes of torchvision's ``alexnet``, 61,100,840
    parameters, so that its weights load: :func:`load_trunk_weights`.

    Parameters
    ----------
    n_outputs : int or None, default=1000
        Number of classes, published for ImageNet. None leaves out the classifier: the
        net then returns 6 x 6 maps, with 2,469,696 parameters.
    dropout : float, default=0.5
        Share of values dropped before the first two layers of the classifier;
        published.

    References
    ----------
    Krizhevsky (2014), One weird trick for parallelizing convolutional neural networks,
    arXiv:1404.5997.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import AlexNet
    >>> AlexNet(n_outputs=None)(torch.zeros(1, 3, 256, 384)).shape
    torch.Size([1, 256, 6, 6])
    """

    n_channels = 256
    head_prefix = "classifier."
    last_layer = "classifier.6."
    mark = ("features.0.weight", (64, 3, 11, 11))

    def __init__(self, n_outputs: int | None = 1000, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.n_outputs = n_outputs
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2),
        )
        if n_outputs is not None:
            self.classifier = nn.Sequential(
                nn.Dropout(dropout),
                nn.Linear(256 * 6 * 6, 4096),
                nn.ReLU(inplace=True),
                nn.Dropout(dropout),
                nn.Linear(4096, 4096),
                nn.ReLU(inplace=True),
                nn.Linear(4096, n_outputs),
            )

    def forward_features(self, x: Tensor) -> Tensor:
        """Return the maps before they are averaged.

        Parameters
        ----------
        x : Tensor of shape (batch, 3, height, width)
            Images, normalised as ImageNet's are; at least 63 x 63.

        Returns
        -------
        maps : Tensor of shape (batch, 256, height, width)
            7 x 11 of 256 x 384.
        """
        return self.features(x)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, or the maps where there is no classifier.

        Parameters
        ----------
        x : Tensor of shape (batch, 3, height, width)
            Images, normalised as ImageNet's are; at least 63 x 63.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs) or (batch, 256, 6, 6)
            One row, or 256 maps, an image.
        """
        maps = F.adaptive_avg_pool2d(self.forward_features(x), 6)
        return maps if self.n_outputs is None else self.classifier(maps.flatten(1))


def masked_features(
    features: nn.Sequential, images: Tensor, widths: Tensor
) -> tuple[Tensor, Tensor]:
    """Run a trunk's layers over images of different widths, zero beyond each."""
    for layer in features:
        images = layer(images)
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
            span = widths + 2 * last_size(layer.padding) - last_size(layer.kernel_size)
            widths = span // last_size(layer.stride) + 1
        images = zero_beyond(images, frame_mask(widths, images.shape[-1]))
    return images, widths
