"""Image trunks on spectrograms (report 003)."""

from torch import Tensor, nn

from sersk.nets._alexnet import AlexNet
from sersk.nets._densenet import DenseNet201
from sersk.nets._heads import ConcatPoolHead
from sersk.nets._image import spectrogram_to_image
from sersk.nets._lengths import check_sequences
from sersk.nets._options import check_option
from sersk.nets._resnet import ResNet50, ResNeXt50
from sersk.nets._trunk import ImageTrunk
from sersk.nets._vit import ViT

TRUNKS: dict[str, type[ImageTrunk]] = {
    "alexnet": AlexNet,
    "resnet50": ResNet50,
    "resnext50": ResNeXt50,
    "densenet201": DenseNet201,
    "vit": ViT,
}
# The size of ImageNet's images.
_SIZE = (224, 224)


class SpectrogramTrunkNet(nn.Module):
    """Classify mel spectrograms by a net made for images.

    The valid frames of a clip are resized to 224 x 224, so that any length will do, and
    time is stretched. Report 003 fine-tunes such nets, with the weights of ImageNet and
    fastai's head, on pictures of spectrograms in false colours; gray values in three
    channels, and the sizes of the head, are our reconstruction. Weights are random
    until :func:`load_trunk_weights` fills ``trunk``.

    Parameters
    ----------
    n_features : int, default=128
        Mel bands; published.
    n_outputs : int, default=6
        Number of classes; published.
    trunk : {"resnet50", "resnext50", "densenet201", "alexnet", "vit"}, \
default="resnet50"
        The net for images; all but ViT are published for this use.
    head : {"pooled", "linear"}, default="pooled"
        ``"pooled"`` is :class:`ConcatPoolHead`, as fastai has it. ``"linear"`` is the
        trunk's own classifier with `n_outputs` in its last layer, as AlexNet and ViT
        are fine-tuned; ViT has no maps to pool, and needs it.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import SpectrogramTrunkNet
    >>> net = SpectrogramTrunkNet(40, 4, trunk="alexnet", head="linear")
    >>> net(torch.rand(2, 100, 40), torch.tensor([100, 70])).shape
    torch.Size([2, 4])
    """

    def __init__(
        self,
        n_features: int = 128,
        n_outputs: int = 6,
        *,
        trunk: str = "resnet50",
        head: str = "pooled",
    ) -> None:
        super().__init__()
        check_option("trunk", trunk, tuple(TRUNKS))
        check_option("head", head, ("pooled", "linear"))
        if trunk == "vit" and head == "pooled":
            raise ValueError("A ViT has no maps to pool. Pass head='linear'.")
        self.n_features = n_features
        if head == "linear":
            self.trunk = TRUNKS[trunk](n_outputs)
            self.head: nn.Module = nn.Identity()
        else:
            self.trunk = TRUNKS[trunk](None)
            self.head = ConcatPoolHead(self.trunk.n_channels, n_outputs)
        self.n_embedded = self.trunk.n_channels

    def forward(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the logits.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, n_features)
            Spectrograms scaled to [0, 1].
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs)
            One row a clip.
        """
        return self.head(self.trunk(self._draw(x, x_lengths)))

    def embed(self, x: Tensor, x_lengths: Tensor | None = None) -> Tensor:
        """Return the mean of each of the trunk's maps, or the class token of ViT.

        Parameters
        ----------
        x : Tensor of shape (batch, frames, n_features)
            Spectrograms scaled to [0, 1].
        x_lengths : Tensor of int64 of shape (batch,) or None, default=None
            Valid frames; None for all.

        Returns
        -------
        vectors : Tensor of shape (batch, n_maps)
            One row a clip.
        """
        features = self.trunk.forward_features(self._draw(x, x_lengths))
        return features.mean((2, 3)) if features.ndim == 4 else features

    def _draw(self, x: Tensor, x_lengths: Tensor | None) -> Tensor:
        check_sequences(x, x_lengths, self.n_features)
        return spectrogram_to_image(x, x_lengths, size=_SIZE)
