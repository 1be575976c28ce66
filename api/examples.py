"""One example for each thing that is sent, by the name of its schema; a schema that brings its own keeps it."""

from collections.abc import Mapping
from typing import Any

INTERVIEW = "int_0123456789abcdef0123"
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
    "InterviewerIn": {"name": "Grace Example", "subject": "grace@example.org", "copilot": True},
    "CreateEmbedLink": {"role": "candidate", "name": "Ann Example", "origin": "https://careers.example.org"},
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
    "BookInterview": {
        "new_candidate": {
            "display_name": "Ann Example",
            "email": "ann@example.org",
            "data_expires_on": "2099-12-31",
        },
        "new_job": {"title": "Backend engineer", "skills": {"required": ["Python", "SQL"]}, "seniority": "senior"},
        "brief": {"question_count": 6, "criteria": ["Technical depth", "Communication"]},
        "review_plan": True,
    },
    "PlanRevision": {"brief": {"question_count": 4}},
    "LintIn": {"plan": PLAN, "jurisdiction": "US-CA"},
    "PlanVerdict": {"reason": "It covers what the job needs."},
    "CreateInterviewPatch": {"title": "Backend engineer, second talk"},
    "FloorIn": {"to": "bot", "questions": 2},
    "ModeIn": {"to": "copilot"},
    "StartInterview": {"candidate_name": "Ann Example"},
    "DraftIn": {
        "prompt": "A 20 minute screening for a senior backend engineer: Python, SQL, incidents.",
        "tone": "professional",
        "rapport": True,
        "scoring": {"python-backend": {"weight": 0.5, "min_level": 3, "required": True}},
    },
    "GenerateIn": {
        "title": "Backend engineer",
        "job_description": "You build and run the services behind our calls.",
        "required_skills": ["Python", "SQL"],
        "experience_level": "senior",
        "question_count": 6,
    },
    "ImportTranscript": {
        "content": "Ines: What did you build last, and what was your part in it?\nAnn: I built the search.",
        "candidate": "Ann",
        "recorded_at": "2026-01-15T09:30:00Z",
        "consent": {"given": True, "method": "written", "at": "2026-01-14T16:00:00Z"},
    },
    "ScoreIn": {"engine": "structured"},
    "ReviewIn": {"verdict": "approved", "note": "The quotes bear it out."},
    "OverrideIn": {
        "criterion_id": "ownership",
        "level": 4,
        "reason": "The second example was hers alone; the engine read only the first.",
    },
    "ScorecardIn": {
        "overall": "yes",
        "ratings": [
            {"criterion_id": "ownership", "level": 4, "note": "Led the rollback herself."},
            {"criterion_id": "estimation", "level": None},
        ],
        "note": "Would put her on call.",
    },
    "OpeningIn": {"reason": "Both interviewers have left the company."},
    "DecisionIn": {"decision": "next_round", "notes": "Strong on incidents.", "reason_codes": ["skills_fit"]},
    "CreateTicket": {"interview_id": INTERVIEW},
    "WebhookPatch": {"active": False},
    "CandidateRecordIn": {
        "first_name": "Ann",
        "last_name": "Example",
        "email": "ann@example.org",
        "phone_e164": "+351210000000",
        "language": "en",
        "data_expires_on": "2099-12-31",
        "external_ref": "ats-candidate-12",
    },
    "AgentIn": {
        "name": "Friendly screener",
        "focus": "screening",
        "persona": {"tone": "relaxed", "pace": "normal", "empathy": 4},
        "language": "en",
        "instructions": "Ask for one example whenever an answer stays general.",
    },
    "TemplateIn": {
        "name": "Backend screening",
        "agent_id": "agt_0123456789abcdef0123",
        "style": "pre-screening",
        "plan": PLAN,
        "criteria": [{"id": "ownership", "name": "Ownership", "weight": 1.0}],
        "messages": {"welcome": "Good to have you here.", "thank_you": "Thank you, we will write to you."},
    },
    "PostingIn": {
        "name": "Backend screening, spring",
        "template_id": "tpl_0123456789abcdef0123",
        "visibility": "invite",
        "max_attempts": 2,
    },
    "EraseCandidate": {"candidate_id": "cand_0123456789abcdef0123", "reason": "The candidate asked for it."},
    "EmbedKeyIn": {"allowed_origins": ["https://careers.example.org"]},
    "RotateIn": {"overlap_s": 86_400},
    "VisitIn": {
        "embed_id": "emb_0123456789abcdef",
        "sub": "visitor-12",
        "name": "Ann Example",
        "email": "ann@example.org",
        "iat": 1_795_340_000,
        "exp": 1_795_340_300,
        "nonce": "2b8a8f3d7c115f0c9f6e",
        "origin": "https://careers.example.org",
        "signature": "0" * 64,
        "page_origin": "https://careers.example.org",
    },
    "LiraCreate": {
        "role_title": "Senior Frontend Engineer",
        "candidate_email": "ann@example.org",
        "skills": ["React", "TypeScript", "System Design"],
        "evaluation_criteria": ["Technical depth", "Communication", "Problem solving"],
        "question_count": 8,
        "mode": "solo",
    },
    "LiraUpdate": {"question_count": 6, "evaluation_criteria": ["Technical depth", "Communication"]},
    "LiraStart": {"candidate_name": "Ann Example"},
    "LiraPrompt": {"prompt": "Senior React engineer, 5+ years, focus on performance optimization"},
    "LiraGenerate": {
        "title": "Senior Frontend Engineer",
        "job_description": "You build and maintain React applications.",
        "required_skills": ["React", "TypeScript", "System Design"],
        "experience_level": "senior",
        "question_count": 8,
        "categories": ["technical", "behavioral", "system-design"],
    },
    "LiraDecide": {"decision": "next_round", "notes": "Strong technical skills, schedule a system design round."},
    "JobMojitoCreate": {
        "name": "Project manager",
        "location": "remote",
        "interview_template_id": "tpl_0123456789abcdef0123",
        "mojito_language_code": "en",
        "status": "active",
        "type": "interview",
        "visibility": "merchant_public",
        "interview_length": 8,
        "interview_attempts": 1,
        "max_duration": 30,
    },
    "JobMojitoUpdate": {"position_id": "post_0123456789abcdef0123", "name": "Project lead"},
    "JobMojitoSetState": {"position_id": "post_0123456789abcdef0123", "status": "active"},
    "JobMojitoCandidate": {
        "position_def_set_id": "post_0123456789abcdef0123",
        "candidate_name": "Ann Example",
        "candidate_email": "ann@example.org",
        "candidate_country_code": "PT",
        "candidate_resume": "Ten years of projects, on time.",
    },
    "JobMojitoToken": {
        "type": "interview-for-profile",
        "interview_id": "post_0123456789abcdef0123",
        "interview_profile_id": "cand_0123456789abcdef0123",
    },
    "JobMojitoAgain": {"interview_result_id": INTERVIEW},
    "JobMojitoResumeText": {
        "position_id": "post_0123456789abcdef0123",
        "candidate_name": "Ann Example",
        "candidate_email": "ann@example.org",
        "candidate_resume": "Ten years of projects, on time.",
    },
    "InstaViewCreate": {
        "candidate": {
            "firstName": "Ann",
            "lastName": "Example",
            "email": "ann@example.org",
            "phoneNumber": "+351210000000",
            "gdprExpiryDate": "2099-12-31",
        },
        "job": {
            "jobTitle": "Backend engineer",
            "jobDescription": "You build and run the services behind our calls.",
            "requiredSkills": ["Python", "SQL"],
            "niceToHaveSkills": ["Kubernetes"],
            "languages": ["EN"],
            "experience": "SENIOR",
            "contractType": "FULL_TIME",
        },
        "agentId": "agent_0123456789abcdef0123",
    },
    "InstaViewInvoke": {"scheduledAt": None},
    "MayaCreate": {
        "candidateName": "Ann Example",
        "candidateEmail": "ann@example.org",
        "position": "Backend engineer",
        "level": "SENIOR",
        "skills": ["Python", "SQL"],
        "jobDescription": "You build and run the services behind our calls.",
    },
    "MayaChange": {"workflowState": "APPROVED"},
}
PATCH = "Patch"


def example_of(schema: str) -> Any | None:
    """Return the example of a schema; that of a merge patch is the first field of what it changes."""
    if schema in EXAMPLES:
        return EXAMPLES[schema]
    if schema.endswith(PATCH) and (whole := EXAMPLES.get(schema.removesuffix(PATCH))):
        return dict([next(iter(whole.items()))])
    return None
