"""ViT-B/16, with the structure and the parameter names of torchvision.

torchvision is Copyright (c) Soumith Chintala 2016, All rights reserved, and distributed
under the BSD 3-Clause License, which stands in LICENSES/torchvision.txt.
"""

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn

from sersk.nets._trunk import ImageTrunk

_IMAGE, _PATCH = 224, 16
_WIDTH, _HIDDEN, _HEADS, _LAYERS = 768, 3072, 12, 12
_EPS = 1e-6


class _EncoderBlock(nn.Module):
    """Attend over patches, then transform each."""

    def __init__(self) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(_WIDTH, eps=_EPS)
        self.self_attention = nn.MultiheadAttention(_WIDTH, _HEADS, batch_first=True)
        self.ln_2 = nn.LayerNorm(_WIDTH, eps=_EPS)
        # The dropouts of torchvision drop nothing; the numbers in its names count them.
        self.mlp = nn.Sequential(
            nn.Linear(_WIDTH, _HIDDEN),
            nn.GELU(),
            nn.Identity(),
            nn.Linear(_HIDDEN, _WIDTH),
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        x = x + self.self_attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class _Encoder(nn.Module):
    """Add positions, and run the blocks."""

    def __init__(self) -> None:
        super().__init__()
        n_tokens = 1 + (_IMAGE // _PATCH) ** 2
        self.pos_embedding = nn.Parameter(torch.randn(1, n_tokens, _WIDTH) * 0.02)
        names = [f"encoder_layer_{index}" for index in range(_LAYERS)]
        self.layers = nn.Sequential(
            OrderedDict[str, nn.Module]((name, _EncoderBlock()) for name in names)
        )
        self.ln = nn.LayerNorm(_WIDTH, eps=_EPS)

    def forward(self, x: Tensor) -> Tensor:
        return self.ln(self.layers(x + self.pos_embedding))


class ViT(ImageTrunk):
    """Map images to logits by the vision transformer ViT-B/16.

    196 patches of 16 x 16 and a class token, 12 layers of 12 heads. The state dict has
    the names and shapes of torchvision's ``vit_b_16``, 86,567,656 parameters, so that
    its weights load: :func:`load_trunk_weights`.

    Parameters
    ----------
    n_outputs : int or None, default=1000
        Number of classes, published for ImageNet. None leaves out the classifier: the
        net then returns the 768 values of the class token.

    References
    ----------
    Dosovitskiy et al. (2021), An Image is Worth 16x16 Words: Transformers for Image
    Recognition at Scale, ICLR.

    Examples
    --------
    >>> import torch
    >>> from sersk.nets import ViT
    >>> with torch.no_grad():
    ...     ViT(n_outputs=None)(torch.zeros(1, 3, 224, 224)).shape
    torch.Size([1, 768])
    """

    n_channels = _WIDTH
    head_prefix = "heads."
    last_layer = "heads.head."
    mark = ("conv_proj.weight", (768, 3, 16, 16))

    def __init__(self, n_outputs: int | None = 1000) -> None:
        super().__init__()
        self.n_outputs = n_outputs
        self.conv_proj = nn.Conv2d(3, _WIDTH, _PATCH, stride=_PATCH)
        self.class_token = nn.Parameter(torch.zeros(1, 1, _WIDTH))
        self.encoder = _Encoder()
        if n_outputs is not None:
            self.heads = nn.Sequential(
                OrderedDict[str, nn.Module](head=nn.Linear(_WIDTH, n_outputs))
            )
        self._initialise()

    def _initialise(self) -> None:
        nn.init.trunc_normal_(
            self.conv_proj.weight, std=math.sqrt(1 / (3 * _PATCH * _PATCH))
        )
        for name, parameter in self.named_parameters():
            if ".mlp." in name and name.endswith("weight"):
                nn.init.xavier_uniform_(parameter)
            elif ".mlp." in name:
                nn.init.normal_(parameter, std=1e-6)
            elif name.startswith("heads.") or name == "conv_proj.bias":
                nn.init.zeros_(parameter)

    def forward_features(self, x: Tensor) -> Tensor:
        """Return what becomes of the class token.

        Parameters
        ----------
        x : Tensor of shape (batch, 3, 224, 224)
            Images, normalised as ImageNet's are.

        Returns
        -------
        vectors : Tensor of shape (batch, 768)
            One row an image.

        Raises
        ------
        ValueError
            If images have another size.
        """
        if x.shape[1:] != (3, _IMAGE, _IMAGE):
            raise ValueError(
                f"x has shape {tuple(x.shape)}; ViT-B/16 takes (batch, 3, {_IMAGE}, "
                f"{_IMAGE}). Resize the images."
            )
        patches = self.conv_proj(x).flatten(2).mT
        token = self.class_token.expand(len(x), -1, -1)
        return self.encoder(torch.cat([token, patches], 1))[:, 0]

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, or the class token where there is no classifier.

        Parameters
        ----------
        x : Tensor of shape (batch, 3, 224, 224)
            Images, normalised as ImageNet's are.

        Returns
        -------
        logits : Tensor of shape (batch, n_outputs) or (batch, 768)
            One row an image.
        """
        encoded = self.forward_features(x)
        return encoded if self.n_outputs is None else self.heads(encoded)
