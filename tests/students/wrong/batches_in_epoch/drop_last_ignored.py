"""Rounds up in every case."""

import math


def batches_in_epoch(samples, batch_size, drop_last=False):
    return math.ceil(samples / batch_size)
