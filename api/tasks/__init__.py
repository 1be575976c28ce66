"""What an interview leaves for people to do: a question that no approved fact answered, the wish for a human.

The bot tells of them (`api/interviews/intake.py`); a person says when one is done.
"""
