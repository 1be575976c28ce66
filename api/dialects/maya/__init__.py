"""Maya's interviews API (TeamCast): `/api/v1/interviews`, its errors in NestJS's manner.

`words.py` has the tables, `requests.py` translates what is asked, `views.py` and `plans.py` what is answered.
"""

from api.dialects.dialect import Dialect
from api.dialects.maya.endpoints import ROOT, router
from api.dialects.maya.words import refuse

MAYA = Dialect(name="maya", root=ROOT, router=router, refuse=refuse)
