"""The school's mark as icons: a ring with a dot in it, as in the frame of the pages.

`icons()` gives {NAME: bytes}: an SVG, and PNGs on paper for systems that ask for these. Drawn by
distance to the circles, so that edges are smooth at every size.
"""
import struct
import zlib

RING, STROKE, DOT = 6.0, 2.0, 2.5  # of a field of 16
INK, PAPER = (0x0B, 0x65, 0x62), (0xFB, 0xFA, 0xF7)

SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">\
<circle cx="8" cy="8" r="{RING:g}" fill="none" stroke="#{bytes(INK).hex()}" stroke-width="{STROKE:g}"/>\
<circle cx="8" cy="8" r="{DOT:g}" fill="#{bytes(INK).hex()}"/></svg>
"""


def png(size, share):
    """The mark on `share` of the picture's width."""
    unit = size * share / 16
    middle = size / 2

    def ink(distance):  # how much of the pixel at this distance from the middle is ink
        ring = STROKE / 2 * unit - abs(distance - RING * unit) + 0.5
        dot = DOT * unit - distance + 0.5
        return min(max(ring, dot, 0), 1)

    def pixel(x, y):
        part = ink(((x + 0.5 - middle) ** 2 + (y + 0.5 - middle) ** 2) ** 0.5)
        return bytes(round(p + (i - p) * part) for i, p in zip(INK, PAPER))

    # A quarter of it is drawn, the others are its mirrors; each row begins with a 0: no filter.
    top = []
    for y in range(size // 2):
        left = [pixel(x, y) for x in range(size // 2)]
        top.append(b"\0" + b"".join(left + left[::-1]))
    rows = b"".join(top + top[::-1])

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def icons():
    # A maskable one may be cut to a circle of four fifths.
    return {"icon.svg": SVG.encode(), "icon-192.png": png(192, 0.92), "icon-512.png": png(512, 0.92),
            "icon-maskable-512.png": png(512, 0.66)}
