"""Lira's interviews API: create, hold, evaluate and decide about interviews of one organisation.

`words.py` has the tables, `requests.py` translates what is asked, `views.py` what is answered.
"""

from api.candidates.endpoints import RESUME_BODY
from api.dialects.dialect import Dialect
from api.dialects.lira.endpoints import ROOT, router
from api.dialects.lira.words import refuse

LIRA = Dialect(
    name="lira",
    root=ROOT,
    router=router,
    refuse=refuse,
    uploads={"/orgs/[^/]+/interviews/[^/]+/resume": RESUME_BODY},
)
