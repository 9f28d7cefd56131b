"""Work of a known length, for tests of clocks."""
import time


def busy(milliseconds):
    """Work, not sleep: the CPU's clock counts what this process does."""
    def step():
        until = time.process_time() + milliseconds / 1000
        while time.process_time() < until:
            pass
    return step
