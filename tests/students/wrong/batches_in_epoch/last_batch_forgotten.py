"""Rounds down."""


def batches_in_epoch(samples, batch_size, drop_last=False):
    return samples // batch_size
