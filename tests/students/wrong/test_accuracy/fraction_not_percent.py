"""A number from 0 to 1."""

import torch


@torch.no_grad()
def test_accuracy(net, images, labels, batch_size):
    net.eval()
    right = 0
    for batch, truth in zip(images.split(batch_size), labels.split(batch_size)):
        right += (net(batch).argmax(dim=1) == truth).sum().item()
    return right / len(labels)
