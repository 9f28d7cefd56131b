"""Messages between the two processes: JSON, then the bytes of the tensors that it mentions. Nothing is unpickled."""

import json
import math
import struct

import torch

HEAD = struct.Struct(">II")  # bytes of JSON, bytes of tensors
LARGEST = 32 * 2**20  # bytes of a message
DTYPES = {str(one): one for one in (torch.float32, torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool)}


class BadMessage(ValueError):
    """Bytes that are no message."""


def encode(value):
    """Bytes of a message: None, truth values, numbers, texts, tensors, and lists, tuples and dicts of them."""
    tensors = []
    text = json.dumps(_lowered(value, tensors)).encode()
    raw = b"".join(tensors)
    return HEAD.pack(len(text), len(raw)) + text + raw


def lengths(head):
    """(bytes of JSON, bytes of tensors) that follow; raises BadMessage where they are too many."""
    text, raw = HEAD.unpack(head)
    if text + raw > LARGEST:
        raise BadMessage(f"a message of {text + raw:,} bytes; at most {LARGEST:,} are read")
    return text, raw


def decode(text, raw):
    """The value of a message; raises BadMessage for anything that `encode` would not have written."""
    try:
        return _raised(json.loads(text), raw)
    except (ValueError, TypeError, KeyError, RecursionError, RuntimeError, OverflowError) as error:
        raise BadMessage(f"no message: {type(error).__name__}") from error


def read(file):
    """The next message of a file, None at its end."""
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    text, raw = lengths(head)
    return decode(file.read(text), file.read(raw))


def _lowered(value, tensors):
    if isinstance(value, torch.Tensor):
        flat = value.detach().cpu().contiguous()
        if str(flat.dtype) not in DTYPES:
            flat = flat.double()
        tensors.append(flat.numpy().tobytes())
        return {"tensor": [str(flat.dtype), list(flat.shape)]}
    if isinstance(value, dict):
        return {"dict": [[str(key), _lowered(item, tensors)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [_lowered(item, tensors) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} is neither a number nor a text nor a tensor")


def _raised(value, raw):
    reader = _Tensors(raw)

    def walk(item):
        if isinstance(item, list):
            return [walk(one) for one in item]
        if isinstance(item, dict):
            [(kind, told)] = item.items()
            return reader.next(*told) if kind == "tensor" else {key: walk(one) for key, one in told}
        return item

    return walk(value)


class _Tensors:
    """Tensors out of a message's bytes, one after the other."""

    def __init__(self, raw):
        self.raw, self.place = raw, 0

    def next(self, name, shape):
        if not all(type(size) is int and size >= 0 for size in shape):
            raise ValueError("no shape")
        dtype, end = DTYPES[name], self.place + math.prod(shape) * DTYPES[name].itemsize
        if end > len(self.raw):
            raise ValueError("a tensor without its bytes")
        part, self.place = bytearray(self.raw[self.place : end]), end
        return torch.frombuffer(part, dtype=dtype).reshape(shape) if part else torch.empty(shape, dtype=dtype)
