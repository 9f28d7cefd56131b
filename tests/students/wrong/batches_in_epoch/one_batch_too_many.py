"""Always adds one."""


def batches_in_epoch(samples, batch_size, drop_last=False):
    whole = samples // batch_size
    return whole if drop_last else whole + 1
