"""Things a tenant keeps: created, read, changed, listed and deleted alike (jobs, candidates, agents, templates …).

One table per kind, one document per row: what is searched or must be unique has a column, the rest is the `body`, which
is checked by the kind's schema whenever it is written. A kind is declared in its own folder and served by
`api/records/endpoints.py`.
"""
