"""JobMojito's edge functions: positions that candidates enter, and their results.

An interview there is a posting here, with an agent, a template and a job of its own (`api/publishing`); a result there
is an interview here. `tables.py` has the words, `requests.py` translates what is asked, `views.py` what is answered.
"""

from api.candidates.endpoints import RESUME_BODY
from api.dialects.dialect import Dialect
from api.dialects.jobmojito.endpoints import RESUME, ROOT, router
from api.dialects.jobmojito.words import refuse

JOBMOJITO = Dialect(
    name="jobmojito",
    root=ROOT,
    router=router,
    refuse=refuse,
    uploads={RESUME: RESUME_BODY},
)
