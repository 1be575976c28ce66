"""Where somebody said one thing and another of it: shown to people, who decide what it means. It moves no level.

What counts as a claim, and when two differ, is what the bot goes by when it asks about it (`bot/interview/claims.py`).
"""

from collections.abc import Iterator, Mapping, Sequence

from api.evaluation.reading import Sentence
from api.evaluation.transcript import Quote
from bot.interview.claims import Claim, Kind, claims_in


def contradictions(answers: Mapping[str, Sequence[Sentence]], language: str) -> Iterator[tuple[str, Quote, Quote]]:
    """Yield what is contradicted, in a few words, with the earlier and the later quote.

    answers: the sentences by question, in order. What was heard unsurely contradicts nothing.
    """
    first: dict[tuple[Kind, str, str], tuple[Claim, Quote]] = {}
    told: set[tuple[Kind, str, str]] = set()
    for question_id, said in answers.items():
        for one in said:
            for claim in claims_in(one.quote(0, len(one.text)).text, language) if one.sure else ():
                # a team without a name of its own is the same one only within a question
                thing = claim.kind, claim.about, "" if claim.about else question_id
                earlier, quote = first.setdefault(thing, (claim, one.quote(0, len(one.text))))
                if thing not in told and earlier.differs(claim):
                    told.add(thing)
                    yield f"{claim.about or claim.kind.value}", quote, one.quote(0, len(one.text))
