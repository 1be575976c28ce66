"""The interview that is held: what both say, and what an interviewer must not ask."""

from typing import Any

PLAN: dict[str, Any] = {
    "title": "Backend engineer",
    "minutes": 30,
    "criteria": [
        {"id": "design", "name": "Design of systems"},
        {"id": "operation", "name": "Care in operation"},
        {"id": "teamwork", "name": "Work with others"},
        {"id": "learning", "name": "Learning from mistakes"},
    ],
    "sections": [
        {
            "id": "work",
            "name": "Work",
            "questions": [
                {
                    "id": "system",
                    "text": "Tell me about a system that you designed.",
                    "criteria": ["design"],
                    "expects": ["situation", "action", "result"],
                },
                {
                    "id": "slow",
                    "text": "How do you find out why something is slow?",
                    "criteria": ["operation"],
                    "expects": ["action", "result"],
                },
                {
                    "id": "colleague",
                    "text": "Tell me about a time when you and a colleague did not agree.",
                    "criteria": ["teamwork"],
                    "expects": ["situation", "action", "result"],
                },
                {
                    "id": "mistake",
                    "text": "Which mistake have you learned the most from?",
                    "criteria": ["learning"],
                    "expects": ["situation", "action", "result"],
                },
            ],
        }
    ],
}

# What the interviewer asks, and what they get to hear: each answer leaves something to ask for.
EXCHANGES = (
    (
        "Tell me about a system that you designed.",
        "We built a service that takes orders from three shops and puts them into one queue.",
    ),
    ("How old are you, by the way?", "I would rather not say."),
    (
        "How do you find out why something is slow?",
        "I look at the slowest requests first, and then I read what the database does for them.",
    ),
    ("And do you have children?", "That is private."),
    (
        "Tell me about a time when you and a colleague did not agree.",
        "A colleague wanted to rewrite the payment part, and I thought that it was too early for that.",
    ),
    ("Are you married?", "I do not see why that matters."),
    (
        "Which mistake have you learned the most from?",
        "I once released a change on a Friday evening, and the shop could not take orders until Saturday.",
    ),
    ("What is your religion?", "I would like to talk about the work."),
)
