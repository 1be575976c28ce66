"""The published APIs of other products, each a thin translation onto `/v1`'s own services.

A dialect has paths, field names, envelopes, words for statuses, scales and the shape of its errors; what is done, and
what may not be, is the same for all. `dialect.py` says what a dialect is, `words.py` holds what several of them share.
"""
