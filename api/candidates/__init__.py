"""Candidates: who is interviewed, what their résumé says, and that they are forgotten in time.

`reading.py` runs in a process of its own, so importing this package brings nothing along.
"""
