"""What runs where: every bot at work with its place, incarnation and process, and how much room there is.

All of it follows from the database and the launcher's list (`survey.py`); the same survey is behind `GET /v1/fleet`,
`vivavoce fleet` and the figures for Prometheus (`meters.py`).
"""
