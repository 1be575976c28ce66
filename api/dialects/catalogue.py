"""Every dialect there is."""

from api.dialects.dialect import Dialect
from api.dialects.maya import MAYA

ALL: tuple[Dialect, ...] = (MAYA,)
