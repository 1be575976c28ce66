"""The words of the product as data: the bot's lines, the question bank, ready plans, prompts for a chat model.

This package loads, checks and renders; it knows nothing of the rest.
"""

from prompts.copilot import CopilotWords, Wish, copilot_languages, load_copilot
from prompts.errors import BadFile, BadInputs, NotFound, PromptsError
from prompts.golden import Golden, golden_roles, load_golden
from prompts.grounds import GroundName, OffLimits, forbidding_places, grounds_languages, load_off_limits
from prompts.injection import Found, quarantined, the_detector, without
from prompts.questions import Bank, BankQuestion, Family, Skill, load_bank
from prompts.ready import load_answers, load_plan, plan_from_bank, plan_names
from prompts.shapes import Shapes, load_shapes
from prompts.spoken import Lines, languages, load_lines
from prompts.templates import Prompt, Value, load_prompt, prompt_names

__all__ = [
    "BadFile",
    "BadInputs",
    "Bank",
    "BankQuestion",
    "CopilotWords",
    "Family",
    "Found",
    "Golden",
    "GroundName",
    "Lines",
    "NotFound",
    "OffLimits",
    "Prompt",
    "PromptsError",
    "Shapes",
    "Skill",
    "Value",
    "Wish",
    "copilot_languages",
    "forbidding_places",
    "golden_roles",
    "grounds_languages",
    "languages",
    "load_answers",
    "load_bank",
    "load_copilot",
    "load_golden",
    "load_lines",
    "load_off_limits",
    "load_plan",
    "load_prompt",
    "load_shapes",
    "plan_from_bank",
    "plan_names",
    "prompt_names",
    "quarantined",
    "the_detector",
    "without",
]
