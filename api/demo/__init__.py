"""A whole interview from one command: serve, a simulated candidate, the live transcript, a verdict, the files.

`server` starts and ends the product, `call` holds one interview in it, `screen` shows it, `verdict` judges it and
`files` writes what is left of it. The benchmark holds its interviews with the same `server` and `call`.
"""
