"""Text to speech: one neural voice for English, espeak-ng for every other language, sentence by sentence."""
