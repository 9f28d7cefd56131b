"""Errors that a reader of the terminal can act on: every message is one sentence that ends with the remedy."""


class LabError(Exception):
    """Something that the laboratory can't do, and what to do about it."""


class WrongArgument(LabError, TypeError):
    """An argument of the wrong kind; the message says what is expected in its place."""


class NotAvailable(LabError):
    """A data set, device or optional package is absent; a claim that meets this is NOT RUN, never passed or failed."""


class NeedsDevice(NotAvailable):
    """A measurement needs a device, or a feature of it, that this machine doesn't have."""
