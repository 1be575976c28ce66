"""What people in a call agreed to: one record for each person and kind of consent, with the notice they were shown.

The room keeps what was ticked on its page, before the bot comes (`api/room/door.py`); the bot tells what was said to it
(`api/interviews/intake.py`). A record is never changed except by a withdrawal; another answer is another record.
"""
