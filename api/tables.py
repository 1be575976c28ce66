"""Every table there is, in one place for the migrations."""

# ruff: noqa: F401 - every module here is imported for its tables

from sqlalchemy import MetaData

import api.agents
import api.audit
import api.candidates.tables
import api.consents.tables
import api.copilot.tables
import api.decisions.tables
import api.evaluation.tables
import api.idempotency
import api.interviewers
import api.interviews.leases
import api.interviews.tables
import api.jobs
import api.keys.tables
import api.participants.tables
import api.postings
import api.replicas
import api.tasks.tables
import api.templates
import api.tickets
import api.webhooks.tables
from api.database import Base

METADATA: MetaData = Base.metadata
