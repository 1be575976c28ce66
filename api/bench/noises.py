"""Ten minutes in which nobody speaks: silence, noises and music, made by rule, the same every time."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm

PIECE_S = 20.0
LEVELS_DB = (-50.0, -35.0, -20.0)

_Wave = NDArray[np.float64]
_SAMPLES = int(PIECE_S * SAMPLE_RATE)


def ten_minutes() -> Iterator[Pcm]:
    """Yield 30 pieces of 20 s (16 kHz)."""
    yield np.zeros(_SAMPLES, np.int16)
    for level in LEVELS_DB:
        for kind in KINDS:
            yield of(kind, level)
    yield _at(_melody(np.random.default_rng(99)) + _coloured(np.random.default_rng(98), 1.0), -25.0)
    yield _at(_hum(np.random.default_rng(97)) + _clicks(np.random.default_rng(96)), -30.0)


def of(kind: str, level: float) -> Pcm:
    """Return 20 s of one of `KINDS` (16 kHz) at a level in dBFS."""
    return _at(KINDS[kind](np.random.default_rng([*KINDS].index(kind))), level)


def _at(wave: _Wave, db: float) -> Pcm:
    level = float(np.sqrt(np.mean(wave**2))) or 1.0
    return np.clip(wave / level * 32768 * 10 ** (db / 20), -32768, 32767).astype(np.int16)


def _coloured(dice: np.random.Generator, slope: float) -> _Wave:
    """Noise whose power falls with frequency: 0 is white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(dice.normal(size=_SAMPLES))
    hertz = np.maximum(np.fft.rfftfreq(_SAMPLES, 1 / SAMPLE_RATE), 20.0)
    noise: _Wave = np.fft.irfft(spectrum / hertz ** (slope / 2), _SAMPLES)
    return noise


def _times() -> _Wave:
    return np.arange(_SAMPLES) / SAMPLE_RATE


def _hum(dice: np.random.Generator) -> _Wave:
    at = _times()
    harmonics = [np.sin(2 * np.pi * 50 * n * at + dice.uniform(0, 6)) / n for n in (1, 2, 3, 5, 7)]
    hum: _Wave = np.sum(harmonics, axis=0) + 0.05 * dice.normal(size=_SAMPLES)
    return hum


def _clicks(dice: np.random.Generator) -> _Wave:
    wave = 0.002 * dice.normal(size=_SAMPLES)
    for start in dice.integers(0, _SAMPLES - 200, 60):
        wave[start : start + 200] += dice.normal(size=200) * np.exp(-np.arange(200) / 30)
    return wave


def _keyboard(dice: np.random.Generator) -> _Wave:
    wave = 0.002 * dice.normal(size=_SAMPLES)
    at = 0
    while at < _SAMPLES - 800:
        wave[at : at + 800] += dice.normal(size=800) * np.exp(-np.arange(800) / 90)
        at += int(dice.uniform(0.08, 0.4) * SAMPLE_RATE)
    return wave


def _note(hertz: float, seconds: float) -> _Wave:
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tones = [np.sin(2 * np.pi * hertz * n * at) / n**1.5 for n in (1, 2, 3, 4)]
    note: _Wave = np.sum(tones, axis=0) * np.exp(-2 * at / seconds)
    return note


def _melody(dice: np.random.Generator) -> _Wave:
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    notes = [_note(float(dice.choice(scale)), float(dice.choice([0.25, 0.5]))) for _ in range(90)]
    return np.resize(np.concatenate(notes), _SAMPLES)


def _band(dice: np.random.Generator) -> _Wave:
    """Chords over a beat of 120 in the minute: a drum on each, a cymbal between."""
    roots = 130 * 2 ** (dice.integers(0, 12, 20) / 12)
    chords = [sum(_note(float(root) * ratio, 1.0) for ratio in (1.0, 1.26, 1.5)) for root in roots]
    wave = np.resize(np.concatenate([np.asarray(chord) for chord in chords]), _SAMPLES)
    at = np.arange(SAMPLE_RATE // 4) / SAMPLE_RATE
    drum = 3 * np.sin(2 * np.pi * 60 * at) * np.exp(-at / 0.05)
    cymbal = dice.normal(size=len(at)) * np.exp(-at / 0.02)
    for start in range(0, _SAMPLES, SAMPLE_RATE // 2):
        wave[start : start + len(at)] += drum
        wave[start + len(at) : start + 2 * len(at)] += cymbal
    return wave


def _swell(dice: np.random.Generator) -> _Wave:
    """Traffic or wind: pink noise that comes and goes."""
    at = _times()
    swell: _Wave = 0.6 + 0.4 * np.sin(2 * np.pi * 0.15 * at)
    return _coloured(dice, 1.0) * swell


KINDS: Mapping[str, Callable[[np.random.Generator], _Wave]] = {
    "white noise": lambda dice: _coloured(dice, 0.0),
    "pink noise": lambda dice: _coloured(dice, 1.0),
    "brown noise": lambda dice: _coloured(dice, 2.0),
    "hum": _hum,
    "clicks": _clicks,
    "keyboard": _keyboard,
    "melody": _melody,
    "band": _band,
    "swell": _swell,
}
