"""The mean of the batches' accuracies."""

import torch


@torch.no_grad()
def test_accuracy(net, images, labels, batch_size):
    net.eval()
    percents = []
    for batch, truth in zip(images.split(batch_size), labels.split(batch_size)):
        percents.append(100 * (net(batch).argmax(dim=1) == truth).float().mean().item())
    return sum(percents) / len(percents)
