"""Real interviews in which parts of the product are killed, stopped, starved and cut off: `make chaos`.

`calls.py` holds an interview and says what is wrong with its record, `blows.py` strikes, `scenarios.py` says when and
at what, `__main__.py` runs them and reports. A seeded part runs with every test (`tests/integration/test_survival.py`).
"""
