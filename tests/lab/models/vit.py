"""One Transformer encoder for sentences and for images: only the way in and the way out know the field.

A. Dosovitskiy et al., "An Image is Worth 16x16 Words", 2020, arXiv:2010.11929, on A. Vaswani et al.'s encoder, 2017,
arXiv:1706.03762. torch's `nn.TransformerEncoder` is the shared part; what is ours is the two adapters around it.
"""

import torch
from torch import nn
from torch.nn import functional as F


def encoder(d_model: int = 32, heads: int = 4, depth: int = 2) -> nn.TransformerEncoder:
    """Pre-norm encoder without dropout: (N, tokens, d_model) -> (N, tokens, d_model)."""
    layer = nn.TransformerEncoderLayer(
        d_model, heads, dim_feedforward=4 * d_model, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
    return nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)


def to_patches(images: torch.Tensor, side: int) -> torch.Tensor:
    """Cut (N, C, H, W) into squares, row by row: (N, tokens, C side^2)."""
    return F.unfold(images, side, stride=side).transpose(1, 2)


def from_patches(patches: torch.Tensor, side: int, image_size: tuple[int, int]) -> torch.Tensor:
    """The inverse of `to_patches`: (N, tokens, C side^2) -> (N, C, H, W)."""
    return F.fold(patches.transpose(1, 2), image_size, side, stride=side)


class Patches(nn.Module):
    """`to_patches` as a layer."""

    def __init__(self, side: int):
        super().__init__()
        self.side = side

    def forward(self, images):
        return to_patches(images, self.side)


class Tokens(nn.Module):
    """The frame that both fields share: embed, add position embeddings (or none), encode; then average and classify.

    `tokens(x)` gives (N, tokens, d_model), calling gives (N, classes). The vision paper classifies from an extra class
    token instead of the average.
    """

    def __init__(self, embed: nn.Module, encoder: nn.TransformerEncoder, num_tokens, classes, positions=True):
        super().__init__()
        d_model = width_of(encoder)
        self.embed, self.encoder = embed, encoder
        self.positions = nn.Parameter(0.02 * torch.randn(num_tokens, d_model)) if positions else None
        self.classifier = nn.Linear(d_model, classes)

    def tokens(self, x):
        embedded = self.embed(x)                                              # (N, tokens, d_model)
        return self.encoder(embedded if self.positions is None else embedded + self.positions)

    def forward(self, x):
        return self.classifier(self.tokens(x).mean(dim=1))


def width_of(encoder: nn.TransformerEncoder) -> int:
    """d_model of an encoder."""
    return encoder.layers[0].self_attn.embed_dim


def word_model(encoder, vocabulary: int, num_tokens: int, classes: int, positions: bool = True) -> Tokens:
    """Word numbers (N, num_tokens) -> (N, classes)."""
    return Tokens(nn.Embedding(vocabulary, width_of(encoder)), encoder, num_tokens, classes, positions)


def vision_transformer(encoder, channels, image_size: tuple[int, int], side, classes, positions=True) -> Tokens:
    """Images (N, channels, *image_size), cut into squares of `side` px -> (N, classes)."""
    embed = nn.Sequential(Patches(side), nn.Linear(channels * side**2, width_of(encoder)))
    num_tokens = (image_size[0] // side) * (image_size[1] // side)
    return Tokens(embed, encoder, num_tokens, classes, positions)
