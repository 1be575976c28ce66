"""Every dialect there is."""

from api.dialects.dialect import Dialect

ALL: tuple[Dialect, ...] = ()
