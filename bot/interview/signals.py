"""What an answer holds, found by rules a reader can check: no model, no score, no judgement of the person.

The rules are English. In every other language only the length of an answer is known, and `signals_in` finds nothing.
"""

import re

from bot.interview.commands import words
from bot.plan import Signal


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_IRREGULAR = _split(
    "led built wrote ran made took set brought held found chose spoke put cut taught began broke drew drove gave met "
    "showed split sat told sent shut sold spent rewrote redid rebuilt won dealt got kept paid fought wound sped went"
)
_STATES = _split(
    "needed wanted liked loved hated tried used enjoyed believed hoped wished seemed assumed supposed happened"
)
_ADVERB = r"(?:(?:also|then|first|just|therefore|later|always|often|\w+ly) )*"
_VERB = rf"(?!(?:{'|'.join(_STATES)})\b)(?:\w{{2,}}ed|{'|'.join(_IRREGULAR)})"

_NUMBER_WORDS = _split(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand million billion percent dozen half third quarter doubled tripled halved twice"
)

_RULES: dict[Signal, str] = {
    Signal.SITUATION: (
        r"\b(?:when|while|during|back (?:in|when|at)|once|ago|last (?:year|month|week|summer|winter|spring|"
        r"autumn|fall)"
        r"|(?:in|at|for) (?:my|our|the) (?:last|previous|current|first|old|former)? ?(?:job|role|company|team|"
        r"project|position|work)"
        r"|at (?:a|an) \w+|there was|there were|we (?:had|were)|i was (?:working|on|at|in)|i (?:worked|"
        r"work) (?:at|for|on|in|as)"
        r"|(?:our|the|a|my) (?:team|project|company|customers?|clients?|problem|issue|situation|system|service|"
        r"product|"
        r"platform|release|deadline|incident|outage|bug|manager|colleague)|in (?:19|20)\d\d)\b"
    ),
    Signal.OWN_PART: (
        rf"\bi {_ADVERB}{_VERB}\b"
        r"|\bmy (?:own )?(?:role|part|job|task|responsibility|contribution|idea|suggestion|proposal|decision)\b"
        r"|\bi was (?:responsible|in charge|the one|leading|accountable|assigned|owner|the owner)\b"
        r"|\bi (?:would|usually|always|often|typically|normally) \w+|\bi(?:ve| have) (?:\w+ly )?\w+ed\b|\bmyself\b"
    ),
    Signal.ACTION: (
        rf"\b(?:i|we|they|he|she) {_ADVERB}{_VERB}\b"
        r"|\bi (?:would|usually|always|often|typically|normally) \w+|\b(?:first|then|next|after that),? (?:i|we)\b"
        r"|\bby \w{3,}ing\b|\b(?:started|began|decided|agreed|managed) (?:to|by|on)\b"
    ),
    Signal.RESULT: (
        r"\b(?:as a result|in the end|at the end|eventually|ended up|outcome|resulted|led to|the result|"
        r"finally|so that|"
        r"reduced|increased|improved|saved|dropped|grew|fell|rose|went (?:up|down|from|live|well|fine)|shipped|"
        r"launched|"
        r"delivered|released|succeeded|solved|fixed|resolved|it worked|worked (?:well|out|fine)|since then|"
        r"never (?:again|happened)|"
        r"on time|still (?:in use|used|running)|cut (?:the|our|it|by|from)|down (?:to|from|by)|up (?:to|from|by)|"
        r"which meant|that meant|customers? (?:were|was) happy|was a success|was successful|failed in the end|"
        r"we (?:won|lost))\b"
    ),
    Signal.NUMBER: rf"\d|\b(?:{'|'.join(_NUMBER_WORDS)})\b",
    Signal.TRADE_OFF: (
        r"\b(?:trade ?offs?|on the other hand|instead of|rather than|alternatives?|downsides?|drawbacks?|"
        r"compromises?|"
        r"at the (?:cost|expense|price)|versus|pros and cons|(?:we|i) (?:could|might) have|(?:i|"
        r"we) (?:also )?(?:considered|weighed|compared|ruled out)|"
        r"the (?:price|cost|catch|risk) (?:was|is|of)|(?:gave|give|giving) up|sacrificed?|simpler but|"
        r"faster but|slower but|cheaper|"
        r"the other options?|(?:two|three|several|other) (?:options|approaches|ways)|in exchange|"
        r"balance between|but it (?:meant|cost))\b"
    ),
    Signal.LESSON: (
        r"\b(?:learn(?:ed|t)|lessons?|looking back|in hindsight|hindsight|next time|differently|taught me|"
        r"reali[sz]ed|"
        r"take ?away|if i (?:did|could do|had to do) (?:it|that) again|since then i|(?:from then on|now|"
        r"these days) i (?:always|never)|"
        r"(?:should|could|would) have (?:\w+ly )?\w+(?:ed|en|n)\b|my mistake|i would (?:now|never|always))\b"
    ),
}
_PATTERNS = {signal: re.compile(rule) for signal, rule in _RULES.items()}

SHORTEST_SITUATION = 8  # fewer words name a situation at most, they don't describe one


def signals_in(answer: str, language: str) -> frozenset[Signal]:
    """The signals found in the whole of `answer`; always empty in a language without rules."""
    if language != "en":
        return frozenset()
    said = words(answer)
    text = " ".join(said)
    found = {signal for signal, pattern in _PATTERNS.items() if pattern.search(text)}
    if len(said) < SHORTEST_SITUATION:
        found.discard(Signal.SITUATION)
    return frozenset(found)


# What a question plainly asks for. "What did you do?" may ask for anything, so there is no rule for actions.
_ASKING: dict[Signal, str] = {
    Signal.SITUATION: r"\b(?:the background|the context|what was going on|what was the (?:situation|problem))\b",
    Signal.OWN_PART: (
        r"\b(?:your (?:own |personal |exact )?(?:part|role|contribution|responsibility)|you(?:rself| personally))\b"
    ),
    Signal.RESULT: (
        r"\b(?:(?:turn|turned|work|worked) out|c[ao]me of (?:it|that|this)|the (?:result|outcome|impact|effect)s?|"
        r"end(?:ed)? up|in the end)\b"
    ),
    Signal.NUMBER: r"\b(?:how (?:much|many|often|large|big)|rough(?:ly)? number|a number on)\b",
    Signal.TRADE_OFF: r"\b(?:g[ai]ve up|trade ?offs?|(?:other|which) options?|alternatives?|downsides?)\b",
    Signal.LESSON: r"\b(?:learn(?:ed|t)?|take away|took away|differently|next time)\b",
}
_ASKED = {signal: re.compile(rule) for signal, rule in _ASKING.items()}


def asked_in(question: str, language: str) -> frozenset[Signal]:
    """The signals that a question plainly asks for; empty where that can't be told, as in a language without rules."""
    if language != "en":
        return frozenset()
    text = " ".join(words(question))
    return frozenset(signal for signal, pattern in _ASKED.items() if pattern.search(text))
