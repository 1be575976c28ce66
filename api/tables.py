"""Every table there is, in one place for the migrations."""

from sqlalchemy import MetaData

import api.candidates.tables
import api.idempotency
import api.interviews.tables
import api.jobs  # noqa: F401 - imported for its table
from api.database import Base

METADATA: MetaData = Base.metadata
