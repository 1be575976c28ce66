"""One example for each thing that is sent, by the name of its schema; a schema that brings its own keeps it."""

from collections.abc import Mapping
from typing import Any

PLAN: Mapping[str, Any] = {
    "title": "Backend engineer",
    "minutes": 20,
    "sections": [
        {
            "id": "experience",
            "name": "Experience",
            "questions": [
                {"id": "last-project", "text": "What did you build last, and what was your part in it?"},
                {"id": "incident", "text": "Tell me about a time when something broke in production."},
            ],
        }
    ],
}
EXAMPLES: Mapping[str, Any] = {
    "CreateInterview": {
        "candidate": {"name": "Ann Example"},
        "title": "Backend engineer, first talk",
        "language": "en",
        "plan": PLAN,
    },
    "CreateLink": {"role": "candidate", "name": "Ann Example", "expires_in_s": 86_400},
    "JobIn": {
        "title": "Backend engineer",
        "description": "You build and run the services behind our calls.",
        "skills": {"required": ["Python", "SQL"], "nice": ["Kubernetes"]},
        "seniority": "senior",
        "language_requirements": [{"language": "en", "cefr": "C1"}],
        "location": {"work_mode": "hybrid", "city": "Lisbon", "country_code": "PT"},
        "salary": {"min": 60_000, "max": 80_000, "currency": "EUR", "display": True},
        "external_ref": "ats-4711",
    },
}
PATCH = "Patch"


def example_of(schema: str) -> Any | None:
    """Return the example of a schema; that of a merge patch is the first field of what it changes."""
    if schema.endswith(PATCH) and (whole := EXAMPLES.get(schema.removesuffix(PATCH))):
        return dict([next(iter(whole.items()))])
    return EXAMPLES.get(schema)
