"""Interviews and questions suggested from a text, without a model: the question bank, chosen by the bank's own words."""
