"""InstaView's interviews API: book interviews of candidates with an agent, follow their calls, read their analysis.

`words.py` has the tables and the refusals, `requests.py` translates what is asked, `views.py` what is answered.
"""

from api.dialects.dialect import Dialect
from api.dialects.instaview.endpoints import ROOT, router
from api.dialects.instaview.words import refuse

INSTAVIEW = Dialect(name="instaview", root=ROOT, router=router, refuse=refuse)
