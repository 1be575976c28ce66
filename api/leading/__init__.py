"""Who leads a call while it goes on: the floor that an interviewer lends the bot, and the mode.

What is asked for here goes to the bot as a command. It is the bot that knows the moment and says the line; what it then
did comes back as `floor.changed` and `mode.changed` (`api/interviews/intake.py`), which are an interview's events and
stand on its private line, too.
"""
