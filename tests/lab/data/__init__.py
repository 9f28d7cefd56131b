"""The data sets, looked at before they are read and checked before anything is trained on them."""

from lab.data.datasets import (
    DataError,
    DataMissing,
    describe,
    download,
    folder_of,
    handwritten_digits,
    load,
    needed,
    standardised,
)

__all__ = [
    "DataError",
    "DataMissing",
    "describe",
    "download",
    "folder_of",
    "handwritten_digits",
    "load",
    "needed",
    "standardised",
]
