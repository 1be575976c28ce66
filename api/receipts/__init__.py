"""What was thrown away because somebody objected or took their consent back, and the receipt that says so.

Two things are agreed to (`api/consents`): to be recorded, and to be evaluated by an AI. With the first goes the sound,
with the second what the AI made of it, and once neither stands every word that was said: the page promises whoever says
no that nothing is kept. An objection is a no to both, by whomever it is. What stays is who spoke when, what people
judged and decided by themselves, and the receipt with the words of the objection.
"""
