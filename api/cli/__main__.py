"""`python -m api.cli` is `vivavoce`."""

from api.cli import main

main()
