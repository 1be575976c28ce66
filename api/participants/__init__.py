"""Who was given a link to an interview.

A link works without being looked up; what is kept is whom it was made for, and whom it was taken from, which is asked
at the door (`repository.withdrawn`). Interviewers are kept besides in `api/interviewers.py`: they may do more than come
in.
"""
