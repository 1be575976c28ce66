"""The process that runs pyttsx3: run by its path (it imports nothing of ours, so it starts in a tenth of a second).

pyttsx3 and espeak-ng keep one state per process, call back from C, print to stdout and can hang on odd input. Here they
may: the parent kills a worker that does not answer. One JSON object a line: first {"languages": [...]} or
{"error": why}, then for each {"text", "language", "rate", "pitch", "volume", "file"} on stdin {"file": path} or
{"error": why}.
"""

import json
import os
import sys
from typing import TextIO


def main() -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        import pyttsx3

        engine = pyttsx3.init("espeak")
        known = sorted({language for voice in engine.getProperty("voices") for language in voice.languages})
    except (ImportError, OSError, RuntimeError, KeyError, ValueError) as why:
        _answer(answers, error=f"{type(why).__name__}: {why}")
        return
    _answer(answers, languages=known)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            engine.setProperty("voice", job["language"])
            for name in ("rate", "pitch", "volume"):
                engine.setProperty(name, job[name])
            engine.save_to_file(job["text"], job["file"])
            engine.runAndWait()
        except (OSError, RuntimeError, ValueError) as why:
            _answer(answers, error=f"{type(why).__name__}: {why}")
        else:
            _answer(answers, file=job["file"])


def _answer(answers: TextIO, **said: object) -> None:
    answers.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
