"""What the people who held an interview learn about how they held it, for themselves alone.

Worked out by rules from who spoke when, and from their own words, each time it is asked for: nothing of it is kept,
and no evaluation, report, list or webhook holds any of it.
"""
