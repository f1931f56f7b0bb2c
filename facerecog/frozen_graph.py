"""Constants of a frozen TensorFlow graph, read without TensorFlow.

A frozen graph is a protocol buffer (https://protobuf.dev/programming-guides/encoding/) with the
weights as constants. Four message types of it are enough here; their field numbers are those of
tensorflow/core/framework/{graph,node_def,attr_value,tensor,tensor_shape}.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

_GRAPH_NODE = 1
_NODE_NAME, _NODE_OP, _NODE_ATTR = 1, 2, 5
_MAP_KEY, _MAP_VALUE = 1, 2
_ATTR_TENSOR = 8
_TENSOR_DTYPE, _TENSOR_SHAPE, _TENSOR_CONTENT = 1, 2, 4
_SHAPE_DIM, _DIM_SIZE = 2, 1
_DT_FLOAT = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def read_constants(path: Path) -> dict[str, np.ndarray]:
    """Return every float32 constant of the graph by its node's name."""
    constants = {}
    for field in _fields(memoryview(path.read_bytes())):
        if field.number == _GRAPH_NODE:
            name, tensor = _node(field.content)
            if tensor is not None:
                constants[name] = tensor
    return constants


def _node(message: memoryview) -> tuple[str, np.ndarray | None]:
    name, op, tensor = "", "", None
    for field in _fields(message):
        if field.number == _NODE_NAME:
            name = bytes(field.content).decode()
        elif field.number == _NODE_OP:
            op = bytes(field.content).decode()
        elif field.number == _NODE_ATTR:
            entry = {part.number: part.content for part in _fields(field.content)}
            if bytes(entry[_MAP_KEY]) == b"value":
                values = {part.number: part.content for part in _fields(entry[_MAP_VALUE])}
                tensor = values.get(_ATTR_TENSOR)
    return name, _tensor(tensor) if op == "Const" and tensor is not None else None


def _tensor(message: memoryview) -> np.ndarray | None:
    fields = {field.number: field for field in _fields(message)}
    if _TENSOR_CONTENT not in fields or fields[_TENSOR_DTYPE].value != _DT_FLOAT:
        return None
    shape = [
        {part.number: part.value for part in _fields(dim.content)}.get(_DIM_SIZE, 0)
        for dim in _fields(fields[_TENSOR_SHAPE].content)
        if dim.number == _SHAPE_DIM
    ]
    return np.frombuffer(fields[_TENSOR_CONTENT].content, np.dtype("<f4")).reshape(shape)


class _Field(NamedTuple):
    number: int
    content: memoryview  # of bytes, strings and messages
    value: int  # of a varint


def _fields(message: memoryview) -> Iterator[_Field]:
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield _Field(key >> 3, message[:0], value)
            continue
        if kind == _BYTES:
            size, position = _varint(message, position)
        else:
            size = {_FIXED64: 8, _FIXED32: 4}[kind]
        yield _Field(key >> 3, message[position : position + size], 0)
        position += size


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = message[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position
        shift += 7
