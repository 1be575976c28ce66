"""Every dialect there is."""

from api.dialects.dialect import Dialect
from api.dialects.instaview import INSTAVIEW
from api.dialects.jobmojito import JOBMOJITO
from api.dialects.lira import LIRA
from api.dialects.maya import MAYA

ALL: tuple[Dialect, ...] = (LIRA, INSTAVIEW, JOBMOJITO, MAYA)
