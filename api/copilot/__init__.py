"""What the interviewer alone sees during a call: a line of its own beside the interview's events.

What the bot tells the panel (`PRIVATE`) is no event of the interview: it has its own table, its own numbers and its own
channel of the bus, and one socket that reads them (`socket.py`). So there is nothing to be filtered out of what the
room's members, the candidate's page, streams, lists or webhooks get.
"""

SHARED = frozenset({"floor.changed", "mode.changed"})  # events of the interview that the panel is told, too
PRIVATE = frozenset(
    {
        "coverage.updated",
        "suggestion.created",
        "suggestion.expired",
        "suggestion.feedback",
        "time.updated",
        "guard.warning",
    }
)
STANDS = "panel.stands"  # what a bot says whenever its line is open: everything that holds, once more
