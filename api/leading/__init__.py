"""Who leads a call while it goes on: the floor that an interviewer lends the bot, and the mode.

What is asked for here, or wished for in words (`wishes.py`), goes to the bot as a command, which stays open until its
moment has come: a bot that takes the place of a lost one is told it again. It is the bot that knows the moment and says
the line; what it then did comes back as `floor.changed` and `mode.changed` (`api/interviews/intake.py`), which are an
interview's events and stand on its private line, too.
"""

WISHED = "floor.wished"  # what a bot tells of an interviewer who said that it is to ask
