"""What one sentence shows of how somebody works, by rules that anybody can look up: no model, no guess at a person.

Signs speak for a level, weaknesses against it. Rules read the text of `reading.py`: lower case, no punctuation, no
apostrophes, no fillers, "they" for he and she. They are English, and families of ordinary words: none is of a trade.
"""

import re
from collections.abc import Iterator
from enum import StrEnum


class Sign(StrEnum):
    """A kind of good work, in the words a reader is told."""

    OWN_PART = "own part"
    ACTION = "action"
    SITUATION = "situation"
    RESULT = "result"
    FIGURE = "figure"
    TRADE_OFF = "trade-off"
    LESSON = "lesson"
    INQUIRY = "looked or asked"
    FORESIGHT = "set beforehand"
    LASTING = "what became of it later"
    REGULARITY = "each case by itself"


class Weakness(StrEnum):
    """Behaviour that speaks against a level, in the words a reader is told."""

    BLAME = "puts it on others"
    INACTION = "leaves it undone or to others"
    EVASION = "does not say"
    ASSUMPTION = "goes by feeling"
    DISMISSAL = "sees no need"
    GENERALITY = "speaks in general"
    PRAISE = "praises without showing"


_IRREGULAR = (
    "led|built|wrote|ran|made|took|set|brought|held|found|chose|put|cut|taught|began|broke|drew|drove|gave|met|showed|"
    "split|sat|told|sent|shut|sold|spent|won|dealt|kept|paid|fought|wound|sped|went|rang|rode|read|laid|lent|swept|"
    "withdrew|caught|bought|said|spoke|got|did|undid|rewrote|redid|rebuilt|came up|saw|left|let"
)
# What looks like an act and is none: states, wishes, letting things go; and words that merely end like a past tense.
_STATES = (
    "needed|wanted|liked|loved|hated|used to|enjoyed|believed|hoped|wished|seemed|assumed|supposed|happened|tried to|"
    "worked|joined|graduated|studied|moved on|waited|gave up|let it|got stuck|felt|relied|trusted|ignored|guessed|"
    "championed|participated|attended|supported|dropped it|did nothing|went along|left it|said nothing|looked after|"
    "need|indeed|speed|feed|succeed|proceed|exceed|let me|let us"
)
_ADVERB = r"(?:(?:also|then|first|therefore|later|always|finally|once|only|even|still|now|both|usually|\w+ly) )*"
_PAST = rf"(?!(?:{_STATES})\b|\w+ nothing\b)(?:\w{{2,}}ed|{_IRREGULAR})"
# "Told her that day." leaves out who did it; "Put it there." may be an order.
_STARTING = r"^(?:(?:and|then|but|also|next|afterwards) )*(?!(?:let|put|set|cut|read|shut|split)\b)"
_NUMBER = (
    r"(?:\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|half|third|quarter|percent|dozen|twice|doubled|"
    r"halved)"
)
_OTHERS = (
    r"(?:they|their|people|management|customers?|users?|clients?|buyers?|suppliers?|vendors?|marketing|sales|finance|"
    r"engineers?|engineering|product|support|operations|developers|designers|testers|leadership|agency|somebody|"
    r"everyone|everybody|nobody|no one|(?:the|our|my|a|some|that|those) (?:\w+ ){0,2}"
    r"(?:team|teams|guys|people|person|manager|managers|boss|director|owner|department|colleagues?|side|testers|"
    r"developers|engineers|designers|supplier|vendor|customer|customers|client|clients|buyer|users|agency|partner|"
    r"partners|lads|crew|office|agents|drivers|staff|analysts?|leads?))"
)
_OWN_DONE = rf"(?:\b(?:i|id|ive|i had|i have) |{_STARTING}){_ADVERB}{_PAST}\b"
_DONE = rf"(?:\b(?:i|id|ive|i had|i have|we|wed|weve|we had|we have) |{_STARTING}){_ADVERB}{_PAST}\b"

_SIGNS: dict[Sign, str] = {
    Sign.OWN_PART: (
        rf"{_OWN_DONE}|\bi was (?:responsible|in charge|on call|the one|leading)\b"
        r"|\b(?:that|it|which|this) was (?:me|mine|my (?:job|part|call|idea|decision|task))\b|\bmy part (?:was|in)\b"
    ),
    Sign.ACTION: _DONE,
    Sign.INQUIRY: (
        r"\b(?:asked|ask|asking|know|knew|see|saw|show|showed|find out|found out|understand|understood|tell|told|"
        r"check|checked|learn|learned|learnt|counted|measured|wrote down|looked at) (?:\w+ ){0,4}"
        r"(?:why|what|who|how|which|where|when|whether)\b"
        r"|\b(?:measured?|measuring|counted|compared?|comparing|verified|watched|observed|traced|logged|profiled|"
        r"interviewed|surveyed|tallied|listened|analysed|analyzed|investigated|reproduced|sampled|examined|timed|"
        r"tracked)\b|\b(?:i|we) (?:\w+ )?(?:asked|checked|tested|visited|looked (?:at|into|for|through|up))\b"
    ),
    Sign.FORESIGHT: (
        r"\b(?:before|until|beforehand|ahead|in advance|up front|upfront|agreed|limits?|thresholds?|way back|"
        r"roll(?:ed)? back|fallback|safeguard|in writing|wr(?:ite|ote) (?:\w+ )?down|written down|pilot|trial|"
        r"prototype|rehearsed|dry run)\b"
    ),
    Sign.LASTING: (
        r"\b(?:since|still|these days|to this day|from then on|afterwards|later|now|never came back|hasnt|"
        r"after (?:\w+ ){0,2}(?:days?|weeks?|months?|quarters?|years?)|"
        r"(?:next|following) (?:time|morning|day|week|month|quarter|year))\b"
    ),
    Sign.REGULARITY: (
        r"\b(?:each|every|per)\b(?! (?:time|other|se|cent|single)\b)|\b(?:one at a time|one by one|in turn)\b"
    ),
    Sign.RESULT: (
        r"\b(?:went (?:from|down|up|back|live|out|to)|came (?:back|down|up|in|again)|fell|dropped|rose|grew|down to|"
        r"up to|from \w+ (?:\w+ )?to|it worked|works|signed|renewed|agreed|fixed|solved|shipped|delivered|finished|"
        r"launched|reduced|improved|saved|increased|halved|doubled|stayed|stopped|gone|in the end|as a result|"
        r"afterwards|after that|the result|that meant|which meant|we (?:won|kept|got|had)|they (?:signed|stayed|"
        r"accepted|took|did|trusted|used|came|bought|got|passed|kept))\b"
    ),
    Sign.TRADE_OFF: (
        r"\b(?:costs?|in exchange|instead|rather than|trade|traded|price (?:was|is)|gave up|left out|later (?:by|"
        r"than)|"
        r"on the other hand|versus|compared|options|either|what (?:we|i) (?:didnt|did not|left|dropped|cut)|downside|"
        r"at the expense|meant (?:that )?(?:we|i) (?:couldnt|had to)|not (?:before|build|do)|told .{0,40} not)\b"
    ),
    Sign.LESSON: (
        r"\b(?:next time|learn(?:ed|t)|lesson|looking back|in hindsight|should have|could have|shouldve|couldve|"
        r"since then|from then on|i (?:now|dont) \w+ (?:\w+ )?(?:until|before|unless|without|any more)|"
        r"now (?:i|we) \w+|i (?:always|never) \w+ (?:now|since)|my (?:own )?(?:mistake|fault|part in it))\b"
    ),
    Sign.FIGURE: rf"\b{_NUMBER}\b",
    Sign.SITUATION: (
        r"\b(?:last (?:year|month|week|summer|winter|spring|autumn|fall|quarter|march|may)|ago|in (?:january|february|"
        r"march|april|june|july|august|september|october|november|december|19\d\d|20\d\d|spring|summer|autumn|winter)|"
        r"(?:on|one) (?:a |the )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|at my (?:last|"
        r"previous|old)|"
        r"there was|(?:it|that|this) was (?:a|an|the|when|at)|we had|they had|i was (?:at|in|on|working|sitting)|"
        r"wanted|a (?:\w+ )?(?:team|customer|company|colleague|client|hospital|bank|shop|group|firm|factory|school|"
        r"office))\b"
    ),
}
_TOLD_ANYWAY = frozenset({Sign.TRADE_OFF, Sign.FORESIGHT, Sign.INQUIRY, Sign.REGULARITY})

_WEAKNESSES: dict[Weakness, str] = {
    Weakness.BLAME: (
        r"\b(?:not|wasnt|isnt|werent|never) (?:(?:my|our) (?:own )?(?:fault|job|problem|responsibility|area|business|"
        r"department|mistake|to fix)|ours|mine|on (?:me|us)|down to (?:me|us))\b"
        rf"|\b(?:their|{_OTHERS}s?) (?:own )?(?:fault|problem|mess|mistake)\b|\bbecause of their\b"
        rf"|\bdown to {_OTHERS}\b"
        rf"|\b{_OTHERS} (?:\w+ )?(?:should have|shouldve|never listen\w*|messed up|screwed up|dropped the ball|"
        rf"let (?:me|"
        r"us) down|dont (?:get it|understand|care|want to|read|listen|think|see)|didnt (?:get it|care|bother|want to|"
        r"listen|understand|read|deliver)|(?:couldnt|cant|cannot) (?:even )?(?:be bothered|write|read|decide|plan|"
        r"make up|"
        r"understand|deliver|agree)|had no (?:process|idea|clue)|(?:are|is|were|was) (?:\w+ )?(?:lazy|stupid|"
        r"difficult|"
        r"careless|clueless|incompetent|useless|hopeless|unreasonable|impossible|disorganised|slow))\b"
        r"|\b(?:nobody|no one) (?:told|warned|asked|informed|trained|gave) (?:me|us)\b"
        r"|\bwithout (?:telling|asking) (?:us|me)\b|\bi (?:blame|get the blame|was blamed)\b|\bpeople like that\b"
        r"|\b(?:people|they) (?:always |just )?forget\b|\bthats (?:on|for) their\b|\bset (?:me|us) up\b"
        r"|\bthats (?:their (?:job|problem|decision|domain|business)|what happens (?:with|when))\b"
    ),
    Weakness.INACTION: (
        r"\b(?:i|we|ive|weve) (?:never|didnt|did not|havent|hadnt) (?:even |ever )?"
        r"(?!know|want|like|expect|mean|have to|need to|lose|miss|let|see|hear|understand|use|get|believe)\w+"
        r"|\bi (?:waited|let it|left it|left that|ignored|kept quiet|stayed out|went along|avoided|gave up|dropped it|"
        r"moved on|did nothing|said nothing|kept my head|stopped trying)\b|\bwe (?:waited|gave up|let it|left it|"
        r"dropped it)\b|\b(?:nothing|little|only so much) (?:i|we|you) (?:can|could)\b|\bwhat can you do\b"
        r"|\bi give up\b"
        r"|\b(?:sorted|resolved|fixed|solved|sorts|resolves|solves) (?:itself|themselves)\b"
        r"|\bi (?:dont|wouldnt) (?:usually |normally )?(?:do|measure|track|check|test|plan|follow|bother|keep|prepare|"
        r"get into|argue|think about|have (?:a|any)|look|ask|write|discuss|tell)\b|\b(?:that|it) (?:usually|normally|"
        r"mostly) (?:works|sorts|does|helps)\b"
        r"|\bonly (?:when|after|noticed)\b|\btoo late\b|\b(?:when|after|until) (?:somebody|they|people|customers?|"
        r"users?) "
        r"complained\b|\bat the last (?:minute|moment)\b"
        r"|\b(?:my|the|our) (?:boss|manager|director|lead|chief|\w+ lead) (?:decides?|decided|wanted (?:it|that)|"
        r"said so|"
        r"told me to|took (?:it|that|over)|handled|dealt)\b|\b(?:i|we) (?:was|were) told to\b"
        r"|\b(?:did|do) (?:what|as) (?:i was|im|we were) (?:told|asked)\b"
        r"|\b(?:someone|somebody|a colleague|colleagues|they) (?:else )?(?:took (?:it|that|over)|handled (?:it|that)|"
        r"dealt with it|sorted it)\b|\bnot my (?:call|decision|place|domain)\b|\babove my\b"
        r"|\b(?:leave|leaving|forward) (?:that|it|this|those|them|their)(?: on)? (?:to|for|with)\b"
        r"|\bthats (?:for|up to) \w+\b|\b(?:pass|passed) (?:it|that|them|their) (?:on|over|up|to)\b"
        r"|\bi (?:escalate|escalated) (?:it|that)\b|\bwhatever (?:they|the) \w+ (?:want|wants|says?|decides?)\b"
    ),
    Weakness.EVASION: (
        r"\b(?:dont|cant|cannot|do not|couldnt) (?:remember|recall|think of|say|answer|come up|tell you|pick one|"
        r"name)\b"
        r"|\bnothing (?:comes|springs|came|particular|specific|special)\b|\bhard to say\b"
        r"|\bno (?:real |good |specific |"
        r"concrete )?(?:idea|examples?)\b|\b(?:rather|prefer) (?:not|to (?:skip|look ahead|leave|move))\b"
        r"|\b(?:can|could) (?:we|i|you) (?:skip|pass|leave|move|go|do the next|come back)\b"
        r"|\b(?:rather|id|lets) skip\b"
        r"|\bi dont know\b|\bnot sure (?:what|how|i|that|if)\b|\bi (?:couldnt|wouldnt) (?:tell|know)\b"
        r"|\bwhatever (?:works|fits|you|makes sense)\b|\bit depends\b|\bnext question\b"
    ),
    Weakness.ASSUMPTION: (
        r"\b(?:i|we) (?:assumed?|guess(?:ed)?|suppose|hoped?|knew it was)\b|\b(?:its|it was|is) always\b|\bgut\b"
        r"|\bcommon sense\b|\binstinct\b|\bby feel(?:ing)?\b|\byou (?:\w+ )?(?:feel|know|see|sense|can tell) (?:it|"
        r"when|"
        r"where|if|what|that)\b|\bi (?:can tell|know (?:in|at|by|straight))\b|\ban? (?:\w+ )?(?:eye|nose|feel|vibe) "
        r"(?:for|thing)\b|\bmust have (?:been|read|known)\b|\b(?:from|with) experience\b"
        r"|\b(?:evident|self evident|obvious)\b"
        r"|\bbest practices?\b|\b(?:looks?|looked|felt|feels|seems|seemed) (?:right|good|fine|nice|nicer|better|"
        r"cleaner|"
        r"modern|logical|okay)\b|\bas far as i know\b"
        r"|\bthey(?:ll)? (?:\w+ )?(?:will|would|must|should|have) (?:know|have known|understand|notice|noticed)\b"
    ),
    Weakness.DISMISSAL: (
        r"\b(?:everybody|everyone|anybody|anyone) can\b|\b(?:not|isnt|wasnt) (?:necessary|needed|a big deal|worth|"
        r"important|rocket science)\b|\b(?:dont|didnt|cant|never) see (?:why|the point|a need|a reason|what)\b"
        r"|\bno (?:need|point|reason|time) (?:to|in|for)\b|\bnever (?:enough )?time\b"
        r"|\b(?:overthink\w*|overrated|outdated|overkill|pointless|waste of time|bureaucra\w+|nonsense)\b"
        r"|\bin any case\b|\bdont believe in\b|\bnever (?:had|have) (?:that|a|any|one)\b|\bhardly matters\b"
        r"|\bthere (?:isnt|arent|wasnt|werent) (?:\w+ )?(?:a|any|many|much)\b|\b(?:doesnt|didnt) (?:matter|bother)\b"
        r"|\bdont need\b|\bi was right\b|\bit is what it is\b"
        r"|\b(?:end of (?:story|discussion)|take it or leave it|no discussion|not up for (?:discussion|debate)|"
        r"put my foot "
        r"down|my way|overruled|no choice|have to (?:accept|live with|follow|deal)|had to (?:accept|live with)|"
        r"need to "
        r"(?:read|learn|accept|toughen|get used)|went over their head|because i said)\b"
    ),
    Weakness.GENERALITY: (
        r"\b(?:its|it is) (?:all |more )?(?:about|important|key|crucial|essential)\b|\bthe key\b|\bi believe (?:in|"
        r"that)\b|\bi(?:m| am) (?:a|an|very|passionate|good|careful|known|someone)\b"
        r"|\b(?:you|one) (?:have to|need to|needs "
        r"to|should|must|want to|cant|develops|always|either|put yourself)\b|\bin general\b|\bgenerally\b"
        r"|\btypically\b"
        r"|\bas a rule\b|\bmy style\b|\bthe golden rule\b|\bat the end of the day\b|\bat heart\b"
        r"|\b(?:people|you|they) "
        r"(?:\w+ )?either have\b|\bthats (?:life|the job|how it is)\b|\bits how it is\b"
        r"|\bin (?:this|our) (?:job|business|line)\b"
        r"|\b(?:mindset|philosophy|holistic|empathy|synergy|synergies|passion|passionate|culture|values|"
        r"communication is)\b"
        r"|\bwe (?:were|are) (?:always|all|very)\b|\bthere(?:s| is| are) always\b"
        r"|\b(?:is|are) (?:always )?(?:important|key|"
        r"everything)\b"
    ),
    Weakness.PRAISE: (
        r"\b(?:great|best|fantastic|amazing|excellent|perfect\w*|brilliant|proud|successful\w*|success|good at|"
        r"extremely|hugely|everyone (?:loved|said|was)|everybody (?:loved|said|was)|people (?:always )?(?:tell|told|"
        r"come to) "
        r"me)\b"
    ),
}
_SIGN_RULES = {sign: re.compile(rule) for sign, rule in _SIGNS.items()}
_WEAK_RULES = {weakness: re.compile(rule) for weakness, rule in _WEAKNESSES.items()}
_NOT_OF_A_WAY = frozenset({Weakness.GENERALITY})  # who is asked how one works may speak in general
_UNLESS_SHOWN = frozenset({Weakness.PRAISE})  # not where the same sentence has an own act or a figure

# "I would talk to them" has not happened; "I'd talked to them" has.
_UNREAL = re.compile(
    r"\b(?:id|i would|we would|wed|i could|i might|i should|you would|youd|one would) (?!(?:\w+ed|written|gone|told|"
    r"seen|found|known|been|had|quoted|met|put)\b)\w+"
)
_ACT = re.compile(rf"\b{_PAST}\b")
_OWN_ACT = re.compile(_OWN_DONE)
_FIGURE = _SIGN_RULES[Sign.FIGURE]
_BASE = (
    r"(?!(?:am|was|think|guess|suppose|believe|know|dont|cant|feel|mean|like|love|would|had|have|need|could|did|will|"
    r"want|hope|assume|wouldnt|never|are|were|as|can|enjoy)\b)\w+"
)
_WAY = re.compile(
    rf"\b(?:i|we|you|id|ill|youd) (?:would |first |then |always |usually |also )*{_BASE}"
    r"|^(?:and |then |first )*(?:ask|check|look|take|start|begin|split|measure|compare|find|write|set|put|make|keep|"
    r"tell|"
    r"call|use|test|go|add|give|see|count|talk|work|agree|define|decide|list|draw|show|try|run|let)\b"
)
_ABOUT_A_WAY = re.compile(
    r"\b(?:how (?:do|would|does|should|can)|what (?:do|would|does|should)|when (?:is|do|should)|which \w+ should)\b"
)


def asks_for_a_way(question: str) -> bool:
    """Tell whether a question asks how somebody works in general, so that an answer need not be one case."""
    return _ABOUT_A_WAY.search(question.casefold()) is not None


def signs(text: str, a_way: bool) -> Iterator[tuple[Sign, int, int]]:
    """Yield each kind of good work that a sentence shows, with the characters that show it.

    a_way: whether it answers a question that `asks_for_a_way`; otherwise what somebody would do shows little.
    """
    unreal = not a_way and _UNREAL.search(text) is not None
    way = _WAY.search(text) if a_way else None
    for sign, rule in _SIGN_RULES.items():
        if unreal and sign not in _TOLD_ANYWAY:
            continue
        found = rule.search(text)
        if found is None and sign in (Sign.OWN_PART, Sign.ACTION):
            found = way
        if found is not None:
            yield sign, found.start(), found.end()


def weaknesses(text: str, a_way: bool) -> Iterator[tuple[Weakness, int, int]]:
    """Yield each kind of weak behaviour that a sentence shows, with the characters that show it."""
    shown = _FIGURE.search(text) or _OWN_ACT.search(text)
    for weakness, rule in _WEAK_RULES.items():
        if (a_way and weakness in _NOT_OF_A_WAY) or (shown and weakness in _UNLESS_SHOWN):
            continue
        if (found := rule.search(text)) is not None:
            yield weakness, found.start(), found.end()


def has_own_act(text: str) -> bool:
    """Tell whether a sentence has something the candidate did."""
    return _OWN_ACT.search(text) is not None


def tells(text: str, a_way: bool) -> bool:
    """Tell whether a sentence says what somebody did, a figure or, of a way of working, a step of it."""
    return bool(_ACT.search(text) or _FIGURE.search(text) or (a_way and _WAY.search(text)))
