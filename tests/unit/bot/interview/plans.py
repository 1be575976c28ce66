"""The plan and the answers that these tests share."""

from typing import Any

from bot.interview.call import Call
from bot.plan import Plan
from prompts import load_lines
from tests.fakes.conversation import Conversation

SYSTEM = "Tell me about a system you built."
INCIDENT = "Describe an incident in production."
ROW = "Tell me about a disagreement at work."
FULL = (
    "At my previous company our checkout failed for one customer in fifty. I traced it to a race between two services, "
    "proposed a queue instead of a lock, and built it in two weeks. As a result the failures went away, and I learned "
    "to look at the logs first."
)
NO_RESULT = "At my previous company our checkout failed for one customer in fifty, so I rewrote the queue behind it."
WE_ONLY = "When we had an outage at the bank we replaced the broker, and as a result it never happened again."

PLAN: dict[str, Any] = {
    "title": "Backend engineer",
    "minutes": 30,
    "sections": [
        {
            "id": "past",
            "name": "your experience",
            "questions": [
                {
                    "id": "system",
                    "text": SYSTEM,
                    "rephrase": "Which system are you proud of, and why?",
                    "probes": {"result": "What did the system change for its users?"},
                    "terms": ["Kafka"],
                    "patience": "long",
                },
                {"id": "incident", "text": INCIDENT},
            ],
        },
        {"id": "team", "name": "working with others", "questions": [{"id": "row", "text": ROW}]},
    ],
    "facts": ["The team works remotely, with two days in the office each month.", "Interviews take two weeks in all."],
}


def conversation(plan: dict[str, Any] | None = None, **settings: Any) -> Conversation:
    """A conversation about `plan` before anybody has come."""
    settings = {"organisation": "Acme", "bot_name": "Viva", **settings}
    checked = Plan.model_validate(plan or PLAN)
    return Conversation(Call(checked, lines=load_lines(checked.language), **settings))


def begun(plan: dict[str, Any] | None = None, **settings: Any) -> Conversation:
    """A conversation whose first question has just been asked."""
    call = conversation(plan, **settings)
    call.join()
    return call
