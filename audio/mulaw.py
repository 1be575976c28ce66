"""µ-law (G.711): what a telephone line carries, a byte for each of 8000 samples a second."""

import numpy as np
from numpy.typing import NDArray

from audio import Pcm

RATE = 8000
_BIAS, _CLIP = 132, 32635


def _decoded() -> Pcm:
    """The sample that each of the 256 bytes stands for."""
    byte = ~np.arange(256) & 0xFF
    size = (((byte & 0x0F) << 3) + _BIAS << (byte >> 4 & 0x07)) - _BIAS
    return np.where(byte & 0x80, -size, size).astype(np.int16)


def _encoded() -> NDArray[np.uint8]:
    """The byte for each of the 65,536 samples, by the sample's own bits."""
    sample = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int32)
    size = np.minimum(np.abs(sample), _CLIP) + _BIAS
    segment = np.floor(np.log2(size)).astype(np.int32) - 7
    byte = np.where(sample < 0, 0x80, 0) | segment << 4 | size >> segment + 3 & 0x0F
    return np.asarray(~byte & 0xFF, np.uint8)


_DECODED, _ENCODED = _decoded(), _encoded()


def decode(line: bytes) -> Pcm:
    """Return the samples (8 kHz) of a stretch of µ-law."""
    return _DECODED[np.frombuffer(line, np.uint8)]


def encode(pcm: Pcm) -> bytes:
    """Return samples (8 kHz) as µ-law."""
    return _ENCODED[pcm.view(np.uint16)].tobytes()
