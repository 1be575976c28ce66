"""What a token may do: `resource:action`, with roles as bundles and other products' names as aliases.

A scope is checked where an endpoint names it (`api/callers.py`), and nowhere else.
"""

from collections.abc import Iterable, Mapping

EVERYTHING = "*"
_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "interview": ("create", "read", "update", "delete", "conduct", "evaluate", "review", "decide"),
    "plan": ("approve",),
    "transcript": ("read",),
    "recording": ("read",),
    "copilot": ("use",),
    "scorecard": ("submit", "read"),
    "coaching": ("read",),
    "candidate": ("create", "read", "update", "delete"),
    "job": ("create", "read", "update", "delete"),
    "agent": ("create", "read", "update", "delete"),
    "template": ("create", "read", "update", "delete"),
    "posting": ("create", "read", "update", "delete"),
    "webhook": ("manage",),
    "key": ("manage",),
    "privacy": ("erase",),
    "audit": ("read",),
    "billing": ("read",),
    "fleet": ("read",),
}
SCOPES = frozenset(f"{resource}:{action}" for resource, actions in _ACTIONS.items() for action in actions)
# What an interviewer is told about themselves is read with the scope of its own only.
_READ = frozenset(scope for scope in SCOPES if scope.endswith(":read")) - {"coaching:read"}
_OPERATORS = frozenset({"audit:read", "billing:read", "fleet:read"})
_RECORDS = ("candidate", "job", "agent", "template", "posting")


def _all_of(*resources: str) -> frozenset[str]:
    return frozenset(scope for scope in SCOPES if scope.split(":")[0] in resources)


ROLES: Mapping[str, frozenset[str]] = {
    "admin": SCOPES,
    "recruiter": _READ - _OPERATORS | _all_of("interview", "plan", *_RECORDS) - {"interview:decide"},
    "interviewer": frozenset({"interview:read", "transcript:read", "recording:read", "copilot:use", "candidate:read"})
    | _all_of("scorecard", "coaching"),
    "decider": _READ - _OPERATORS | {"interview:evaluate", "interview:review", "interview:decide", "plan:approve"},
    "viewer": frozenset({"interview:read", "job:read", "agent:read", "template:read", "posting:read"}),
}
_INTERVIEW_WRITE = frozenset({"interview:create", "interview:update", "interview:conduct"})
ALIASES: Mapping[str, frozenset[str]] = {
    # this project's first names
    "interviews:read": frozenset({"interview:read", "transcript:read", "recording:read"}),
    "interviews:write": _INTERVIEW_WRITE | {"interview:delete", "plan:approve"},
    # InstaView's (see `api/dialects`)
    "read:interviews": frozenset({"interview:read", "transcript:read", "recording:read"}),
    "write:interviews": _INTERVIEW_WRITE,
    "delete:interviews": frozenset({"interview:delete"}),
    **{f"read:{name}s": frozenset({f"{name}:read"}) for name in ("candidate", "agent", "job")},
    **{f"write:{name}s": frozenset({f"{name}:create", f"{name}:update"}) for name in ("candidate", "agent", "job")},
    **{f"delete:{name}s": frozenset({f"{name}:delete"}) for name in ("candidate", "agent", "job")},
}
_BUNDLES = {**ALIASES, **{f"role:{role}": scopes for role, scopes in ROLES.items()}}
NAMES = frozenset({EVERYTHING}) | SCOPES | _BUNDLES.keys()


def granted(names: Iterable[str]) -> frozenset[str]:
    """Return the scopes that `names` stand for: scopes, aliases, `role:admin` and its like, or `*` for all of them.

    A name nobody knows grants nothing.
    """
    found: set[str] = set()
    for name in names:
        if name == EVERYTHING:
            return SCOPES
        found |= {name} & SCOPES | _BUNDLES.get(name, frozenset())
    return frozenset(found)
