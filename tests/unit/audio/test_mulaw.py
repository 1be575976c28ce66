"""µ-law: known values of G.711, and what a trip through a telephone costs."""

import numpy as np

from audio import mulaw


def test_known_values() -> None:
    line = bytes([0x00, 0x80, 0x7F, 0xFF, 0xEF, 0x6F, 0x0F, 0x8F])
    assert list(mulaw.decode(line)) == [-32124, 32124, 0, 0, 132, -132, -16764, 16764]
    assert mulaw.encode(np.array([0, 32767, -32768, 132, -132], np.int16)) == bytes([0xFF, 0x80, 0x00, 0xEF, 0x6F])


def test_every_byte_survives_and_no_sample_is_far_off() -> None:
    every = bytes(range(256))
    again = mulaw.encode(mulaw.decode(every))
    assert np.array_equal(mulaw.decode(again), mulaw.decode(every))
    samples = np.arange(-32124, 32125).astype(np.int16)  # what it can say
    back = mulaw.decode(mulaw.encode(samples)).astype(int)
    assert (np.abs(back - samples) <= (np.abs(samples.astype(int)) + 132) / 32).all()
