"""What is said of a transcript that can't be used: what is wrong, on which line, and what to do."""

from api.errors import BadTranscript, Complaint

WHERE = ("body", "content")


def bad(what: str, todo: str, line: int | None = None) -> BadTranscript:
    """Return the error to raise. line: where, from 1."""
    place = "the transcript" if line is None else f"line {line} of the transcript"
    return BadTranscript(Complaint(WHERE, f"{place} {what}", todo))
