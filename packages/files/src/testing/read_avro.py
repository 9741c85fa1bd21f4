"""Prints the rows of Avro files as JSON, one a line, as fastavro sees them: doubles as their eight bytes, and
timestamps as microseconds, if they are timestamps.
"""

import json
import struct
import sys
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pyarrow


def decompress_raw(data):
    size = shift = at = 0
    while True:
        byte = data[at]
        size |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return pyarrow.decompress(data, decompressed_size=size, codec="snappy", asbytes=True)


# fastavro asks for this package for snappy; pyarrow, which is here, has it too. Nothing is written.
snappy = SimpleNamespace(decompress_raw=decompress_raw, compress_raw=None)
sys.modules["cramjam"] = SimpleNamespace(snappy=snappy)

import fastavro  # noqa: E402

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def plain(value):
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, datetime):
        return {"timestamp": (value - EPOCH) // timedelta(microseconds=1)}
    return value


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        for row in fastavro.reader(file):
            print(json.dumps({name: plain(value) for name, value in row.items()}))
