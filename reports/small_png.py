"""PNG in few bytes: the drawing library compresses for speed, and what it makes fits into no card of a chat.

https://www.w3.org/TR/png-3/
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGBA, _PALETTE = 6, 3
Colour = tuple[int, int, int]
_SUB = 1  # each byte is told by its difference from that of the pixel before


def packed_tightly(png: bytes) -> bytes:
    """The same picture: its rows as they are, compressed for size."""
    parts = dict(_parts(png))
    rows = zlib.decompress(b"".join(body for name, body in _parts(png) if name == b"IDAT"))
    body = ((b"IHDR", parts[b"IHDR"]), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_part(name, content) for name, content in body)


def with_few_colours(png: bytes, colours: int) -> bytes:
    """The picture with its most frequent colours, 2 to 256, and others as the nearest of these. What is drawn in
    another form of PNG than the library's is given back as it came."""
    parts = dict(_parts(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    rows = zlib.decompress(b"".join(body for name, body in _parts(png) if name == b"IDAT"))
    if (depth, kind, interlaced) != (8, _RGBA, 0) or set(rows[:: width * 4 + 1]) != {_SUB}:
        return png
    pixels = [_pixels(rows[start + 1 : start + width * 4 + 1]) for start in range(0, len(rows), width * 4 + 1)]
    return _written(width, height, pixels, colours)


def _parts(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        size = int.from_bytes(png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def _pixels(row: bytes) -> list[int]:
    """A number for each pixel, its first byte being red."""
    whole = bytearray(len(row))
    for channel in range(4):
        sums = accumulate(row[channel::4])
        whole[channel::4] = bytes(one & 255 for one in sums)
    return memoryview(whole).cast("I").tolist()


def _written(width: int, height: int, pixels: Sequence[Sequence[int]], colours: int) -> bytes:
    seen = Counter[int]()
    for row in pixels:
        seen.update(row)
    palette = [_colour(one) for one, _ in seen.most_common(colours)]
    places = {one: _nearest(palette, _colour(one)) for one in seen}
    depth = 4 if len(palette) <= 16 else 8
    rows = b"".join(b"\0" + _packed([places[one] for one in row], depth) for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, depth, _PALETTE, 0, 0, 0)
    body = (
        (b"IHDR", head),
        (b"PLTE", b"".join(map(bytes, palette))),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_part(name, content) for name, content in body)


def _colour(pixel: int) -> Colour:
    red, green, blue, _ = struct.pack("=I", pixel)
    return red, green, blue


def _nearest(palette: Sequence[Colour], colour: Colour) -> int:
    def distance(place: int) -> int:
        return sum((one - other) ** 2 for one, other in zip(palette[place], colour, strict=True))

    return min(range(len(palette)), key=distance)


def _packed(places: Sequence[int], depth: int) -> bytes:
    if depth == 8:
        return bytes(places)
    pairs = [*places, 0] if len(places) % 2 else places
    return bytes(left << 4 | right for left, right in zip(pairs[::2], pairs[1::2], strict=True))


def _part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
