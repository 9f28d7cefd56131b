"""Random crops of padded images, mirrored or not: the notebooks' augmentation, for a whole batch at once."""

import torch

PADDING = 4  # px on each side before the crop


def crop_places(count, generator):
    """(3, count): top and left corner of each image's crop, 0 to 2 * PADDING, and whether it is mirrored."""
    corners = torch.randint(2 * PADDING + 1, (2, count), generator=generator)
    return torch.cat([corners, torch.randint(2, (1, count), generator=generator)])


def crop_and_mirror(padded, places):
    """Windows of padded images (N, C, S + 2 PADDING, S + 2 PADDING) at `places` (3, N) -> (N, C, S, S).

    In memory they are N, S, S, C, torch.channels_last: whoever wants another layout asks for it.
    """
    top, left, mirrored = places
    side = padded.shape[-1] - 2 * PADDING
    across = torch.arange(side, device=padded.device)
    rows = top[:, None] + across  # N, S
    columns = left[:, None] + torch.where(mirrored[:, None].bool(), across.flip(0), across)  # N, S
    picked = padded.movedim(1, -1)[
        torch.arange(len(padded), device=padded.device)[:, None, None], rows[:, :, None], columns[:, None, :]
    ]  # N, S, S, C
    return picked.movedim(-1, 1)
