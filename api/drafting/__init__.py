"""Interviews and questions suggested from a text without a model: out of the question bank, by the bank's own words."""
