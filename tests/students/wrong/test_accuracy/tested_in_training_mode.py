"""No net.eval(), as in sinhasam/vaal#2."""

import torch


@torch.no_grad()
def test_accuracy(net, images, labels, batch_size):
    right = 0
    for batch, truth in zip(images.split(batch_size), labels.split(batch_size)):
        right += (net(batch).argmax(dim=1) == truth).sum().item()
    return 100 * right / len(labels)
