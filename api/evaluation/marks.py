"""What one sentence shows of how somebody works, by rules that anybody can look up: no model, no guess at a person.

Signs speak for a level, weaknesses against it. Rules read the text of `reading.py`: lower case, no punctuation, no
apostrophes, no fillers, "they" for he and she. They are English.
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
    INQUIRY = "looked or asked first"
    CAUSE = "cause"
    TELLING = "told those concerned"
    FORESIGHT = "set beforehand"
    LASTING = "lasting effect"


class Weakness(StrEnum):
    """Behaviour that speaks against a level, in the words a reader is told."""

    BLAME = "puts it on others"
    INACTION = "leaves it undone"
    DEFERENCE = "leaves it to others"
    FORCE = "overrules others"
    EVASION = "does not say"
    ASSUMPTION = "goes by feeling"
    DISMISSAL = "sees no need"
    GENERALITY = "speaks in general"


_IRREGULAR = (
    "led|built|wrote|ran|made|took|set|brought|held|found|chose|put|cut|taught|began|broke|drew|drove|gave|met|showed|"
    "split|sat|told|sent|shut|sold|spent|won|dealt|kept|paid|fought|wound|sped|went|rang|rode|read|laid|lent|swept|"
    "withdrew|caught|bought|said|spoke|got|did|undid|rewrote|redid|rebuilt|came up|saw|left|let"
)
_STATES = (
    "needed|wanted|liked|loved|hated|used to|enjoyed|believed|hoped|wished|seemed|assumed|supposed|happened|tried to|"
    "worked|joined|graduated|studied|moved on|waited|gave up|let it|got stuck|felt|relied|trusted|ignored|guessed|"
    "championed|participated|attended|supported|dropped it|did nothing|went along|left it|said nothing|looked after"
)
_ADVERB = r"(?:(?:also|then|first|therefore|later|always|finally|once|only|even|still|now|both|usually|never|\w+ly) )*"
_PAST = rf"(?!(?:{_STATES})\b|\w+ nothing\b)(?:\w{{2,}}ed|{_IRREGULAR})"
_NUMBER = (
    r"\d[\d.,]*|(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
    r"|sixty|"
    r"seventy|eighty|ninety|hundreds?|thousands?|millions?|half|third|quarter|percent|dozen|twice|doubled|halved)"
)
_OTHERS = (
    r"(?:they|their|people|management|customers?|users?|clients?|buyers?|suppliers?|vendors?|marketing|sales|finance|"
    r"engineers?|engineering|product|support|operations|developers|designers|testers|leadership|agency|somebody|"
    r"everyone|everybody|nobody|no one|(?:the|our|my|a|some|that|those) (?:\w+ ){0,2}"
    r"(?:team|teams|guys|people|person|manager|managers|boss|director|owner|department|colleagues?|side|testers|"
    r"developers|engineers|designers|supplier|vendor|customer|customers|client|clients|buyer|users|agency|partner|"
    r"partners|lads|crew|office|agents|drivers|staff|analysts?|leads?))"
)

_SIGNS: dict[Sign, str] = {
    Sign.OWN_PART: (
        rf"\b(?:i|ive|id|i had|i have) {_ADVERB}{_PAST}\b|\bi was (?:responsible|in charge|on call|the one|leading)\b"
        r"|\b(?:that|it|which|this) was (?:me|mine|my (?:job|part|call|idea|decision|task))\b|\bmy part (?:was|in)\b"
    ),
    Sign.ACTION: rf"\b(?:i|ive|id|i had|we|weve|wed|we had) {_ADVERB}{_PAST}\b",
    Sign.INQUIRY: (
        r"\b(?:asked|ask|asking|know|knew|see|saw|show|showed|find out|found out|understand|understood|tell|told"
        r"|check|"
        r"checked|learn|learned|learnt|counted|measured|wrote down|looked at) (?:\w+ ){0,4}(?:why|what|who|how"
        r"|which|where|"
        r"when|whether)\b"
        r"|\b(?:measured?|measuring|counted|compared?|comparing|verified|watched|observed|traced|logged|profiled|"
        r"interviewed|surveyed|tallied|listened|analysed|analyzed|investigated|reproduced|sampled|examined|timed"
        r"|tracked)\b"
    ),
    Sign.CAUSE: (
        r"\b(?:turned out|found (?:out|that|the|it)|the (?:real |actual |root )?(?:cause|reason|problem) (?:was|is)|"
        r"caused by|because|that was the (?:reason|cause)|it was that|the reason|came from|due to)\b"
    ),
    Sign.TELLING: (
        r"\b(?:i|we|id) (?:\w+ )?(?:told|rang|phoned|called|wrote to|warned|informed|explained|showed|emailed|spoke|"
        r"said|agreed|offered|proposed|suggested)\b|\b(?:in writing|walked \w+ through)\b"
    ),
    Sign.FORESIGHT: (
        r"\b(?:before|beforehand|first|until|ahead|in advance|up front|upfront|limit|threshold|way back"
        r"|roll(?:ed)? back|"
        r"fallback|safeguard|unless|in writing|wrote down|written down|pilot|trial|prototype|one at a time"
        r"|step by step)\b"
    ),
    Sign.LASTING: (
        r"\b(?:since then|ever since|to this day|from then on|these days|years? later|standard|template|checklist"
        r"|runbook|"
        r"playbook|adopted|took over|never came back|hasnt|(?:has|have) (?:since|held|stayed|never|not)"
        r"|now (?:every|all|"
        r"they|the|its|we)|still (?:use|uses|used|in use|runs?|does?|works?|there))\b"
        r"|\b(?:colleagues?|teams?|others|everyone|sites?|shifts?|people|company) (?:\w+ )?(?:use|uses|took|take"
        r"|copied|"
        r"adopted|asked for|followed|started|work|works)\b|\bpart of (?:the|our|every)\b"
    ),
    Sign.RESULT: (
        r"\b(?:went (?:from|down|up|back|live|out|to)|came (?:back|down|up|in|again)|fell|dropped|rose|grew|down to|"
        r"up to|from \w+ (?:\w+ )?to|it worked|works|signed|renewed|agreed|fixed|solved|shipped|delivered|finished|"
        r"launched|reduced|improved|saved|increased|halved|doubled|stayed|stopped|gone|in the end|as a result|"
        r"afterwards|after that|the result|that meant|which meant|we (?:won|kept|got|had)|they (?:signed|stayed|"
        r"accepted|took|did|trusted|used|came|bought|got|passed))\b"
    ),
    Sign.TRADE_OFF: (
        r"\b(?:costs?|in exchange|instead|rather than|trade|traded|price (?:was|is)|gave up|left out|later (?:by"
        r"|than)|"
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
        r"\b(?:last (?:year|month|week|summer|winter|spring|autumn|fall|quarter|march|may)|ago|in (?:january"
        r"|february|"
        r"march|april|june|july|august|september|october|november|december|19\d\d|20\d\d|spring|summer|autumn"
        r"|winter)|"
        r"(?:on|one) (?:a |the )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|at my (?:last"
        r"|previous|old)|"
        r"there was|(?:it|that|this) was (?:a|an|the|when|at)|we had|they had|i was (?:at|in|on|working|sitting)|"
        r"wanted|a (?:\w+ )?(?:team|customer|company|colleague|client|hospital|bank|shop|group|firm|factory|school"
        r"|office))\b"
    ),
}
_TOLD_ANYWAY = frozenset({Sign.TRADE_OFF, Sign.FORESIGHT, Sign.INQUIRY})

_WEAKNESSES: dict[Weakness, str] = {
    Weakness.BLAME: (
        r"\b(?:not|wasnt|isnt|werent|never) (?:my|our|ours|mine) (?:own )?(?:fault|job|problem|responsibility|area"
        r"|business|"
        r"department|mistake|to fix)\b|\b(?:wasnt|isnt) (?:ours|mine)\b"
        rf"|\b(?:their|{_OTHERS}s?) (?:own )?(?:fault|problem|mess)\b|\bbecause of their\b|\bdown to (?:{_OTHERS})\b"
        rf"|\b{_OTHERS} (?:\w+ )?(?:should have|shouldve|never listen\w*|messed up|screwed up|dropped the ball"
        rf"|let (?:me|us) "
        r"down|dont (?:get it|understand|care|want to|read|listen|think)|didnt (?:get it|care|bother|want to"
        r"|listen)|had no "
        r"(?:process|idea|clue)|(?:are|is|were|was) (?:\w+ )?(?:lazy|stupid|difficult|careless|clueless"
        r"|incompetent|useless|"
        r"hopeless|unreasonable|impossible|disorganised|slow))\b"
        r"|\b(?:nobody|no one) (?:told|warned|asked|informed|trained) (?:me|us)\b|\bwithout (?:telling"
        r"|asking) (?:us|me)\b"
        r"|\bi (?:blame|get the blame)\b|\b(?:people|they) (?:always |just )?forget\b|\bpeople like that\b"
        r"|\bthats (?:on|for) "
        r"their\b|\bthats their (?:job|problem|decision|domain|business)\b"
    ),
    Weakness.INACTION: (
        r"\b(?:i|we) (?:never|didnt|did not|havent|hadnt) (?:even )?(?:do|done|did|say|said|tell|told|ask|asked"
        r"|check|"
        r"checked|test|tested|look|looked|follow|followed|raise|report|talk|talked|bother|measure|measured|count"
        r"|write|"
        r"respond|track|prepare|try|tried|speak|have a|had a|need to|plan|planned|get involved|notice|think)\b"
        r"|\bi (?:waited|let it|left it|left that|ignored|kept quiet|stayed out|went along|avoided|gave up"
        r"|dropped it|moved "
        r"on|did nothing|said nothing|kept my head|stopped trying)\b|\bwe (?:waited|gave up|let it|left it"
        r"|dropped it)\b"
        r"|\b(?:nothing|little|only so much) (?:i|we|you) (?:can|could)\b|\bwhat can you do\b|\bi give up\b"
        r"|\b(?:sorted|resolved|fixed|solved) (?:itself|themselves)\b|\bi dont (?:usually |normally )?(?:do"
        r"|measure|track|"
        r"check|test|plan|follow|bother|keep|prepare|get into|argue|think about|have (?:a|any)|look|ask|write)\b"
        r"|\bonly (?:when|after|noticed)\b|\btoo late\b|\b(?:when|after|until) (?:somebody|they|people|customers?"
        r"|users?) "
        r"complained\b|\bat the last (?:minute|moment)\b"
    ),
    Weakness.DEFERENCE: (
        r"\b(?:my|the|our) (?:boss|manager|director|lead|chief|\w+ lead) (?:decides?|decided|wanted (?:it|that)"
        r"|said so|told me "
        r"to|took (?:it|that|over)|handled|dealt)\b|\b(?:i|we) (?:was|were) told to\b|\bdid (?:what"
        r"|as) i was (?:told|asked)\b"
        r"|\b(?:someone|somebody|a colleague|colleagues|they) (?:else )?(?:took (?:it|that|over)|handled (?:it"
        r"|that)|dealt with "
        r"it|sorted it)\b|\bnot my (?:call|decision|place|domain)\b|\bleave (?:that|it|this) to\b|\babove my\b"
        r"|\bthats (?:for|up to) \w+\b|\b(?:pass|passed|hand|handed) (?:it|that|them|their) (?:on|over|up|to)\b"
        r"|\bi (?:escalate|escalated) (?:it|that)\b|\bwhatever (?:they|the) \w+ (?:want|wants|says?|decides?)\b"
    ),
    Weakness.FORCE: (
        r"\b(?:end of (?:story|discussion)|take it or leave it|no discussion|not up for (?:discussion|debate)"
        r"|put my foot "
        r"down|my way|overruled|no choice|have to (?:accept|live with|follow|deal)|had to (?:accept|live with)"
        r"|need to (?:read|"
        r"learn|accept|toughen|get used)|went over (?:their|his) head|just (?:do|did) (?:it|as)|made their"
        r"|because i said)\b"
    ),
    Weakness.EVASION: (
        r"\b(?:dont|cant|cannot|do not|couldnt) (?:remember|recall|think of|say|answer|come up|tell you)\b"
        r"|\bnothing (?:comes|springs|came|particular|specific|special)\b|\bhard to say\b|\bno (?:real |good "
        r"|specific |concrete "
        r")?(?:idea|examples?)\b|\b(?:rather|prefer) (?:not|to (?:skip|look ahead|leave|move))\b|\b(?:can"
        r"|could) (?:we|i|you) "
        r"(?:skip|pass|leave|move|go)\b|\b(?:rather|id|lets) skip\b|\bi dont know\b|\bnot sure (?:what|how|i|that"
        r"|if)\b"
        r"|\bi (?:couldnt|wouldnt) (?:tell|know)\b|\bwhatever (?:works|fits|you|makes sense)\b|\bit depends\b"
        r"|\bnext question\b"
    ),
    Weakness.ASSUMPTION: (
        r"\b(?:i|we) (?:assumed?|guess(?:ed)?|suppose|hoped?|knew it was)\b|\b(?:its|it was|is) always\b|\bgut\b"
        r"|\bcommon "
        r"sense\b|\binstinct\b|\bby feel(?:ing)?\b|\byou (?:feel|know|see|can tell) (?:it|when|where|if|what"
        r"|that)\b|\bi can tell\b"
        r"|\bmust have (?:been|read|known)\b|\b(?:from|with) experience\b|\b(?:evident|self evident|obvious)\b"
        r"|\bbest practices?\b"
        r"|\b(?:looks?|looked|felt|feels|seems|seemed) (?:right|good|fine|nice|nicer|better|cleaner|modern|logical"
        r"|okay)\b"
        r"|\bas far as i know\b|\bthey (?:will|would|must|should) (?:know|have known|understand|notice)\b"
    ),
    Weakness.DISMISSAL: (
        r"\b(?:everybody|everyone|anybody|anyone) can\b|\b(?:not|isnt|wasnt) (?:necessary|needed|a big deal|worth"
        r"|important)\b"
        r"|\b(?:dont|didnt|cant|never) see (?:why|the point|a need|a reason|what)\b|\bno (?:need|point|reason"
        r"|time) (?:to|in|for)\b"
        r"|\b(?:overthink\w*|overrated|outdated|overkill|pointless|waste of time|bureaucra\w+)\b|\bin any case\b"
        r"|\bdont believe in\b"
        r"|\bnever (?:had|have) (?:that|a|any|one)\b|\bthere (?:isnt|arent|wasnt|werent) (?:\w+ )?(?:a|any|many"
        r"|much)\b"
        r"|\b(?:doesnt|didnt) (?:matter|bother)\b|\bhardly matters\b|\bdont need\b|\bi was right\b"
        r"|\bit is what it is\b"
    ),
    Weakness.GENERALITY: (
        r"\b(?:its|it is) (?:all )?(?:about|important|key|crucial|essential)\b|\bthe key\b|\bi believe (?:in|that)\b"
        r"|\bi(?:m| am) (?:a|an|very|passionate|good|careful|known|someone)\b|\b(?:you|one) (?:have to|need to"
        r"|needs to|should|"
        r"must|want to|cant|develops|always)\b|\bin general\b|\bgenerally\b|\btypically\b|\bas a rule\b|\bmy style\b"
        r"|\b(?:mindset|philosophy|holistic|empathy|synergy|synergies|passion|passionate|culture|values"
        r"|communication is)\b"
        r"|\bwe (?:were|are) (?:always|all|very)\b|\bthere(?:s| is| are) always\b|\b(?:is"
        r"|are) (?:always )?(?:important|key)\b"
    ),
}
_SIGN_RULES = {sign: re.compile(rule) for sign, rule in _SIGNS.items()}
_WEAK_RULES = {weakness: re.compile(rule) for weakness, rule in _WEAKNESSES.items()}

# "I would talk to them" has not happened; "I'd talked to them" has.
_UNREAL = re.compile(
    r"\b(?:id|i would|we would|wed|i could|i might|i should|you would|youd|one would) (?!(?:\w+ed|written|gone|told|"
    r"seen|found|known|been|had|quoted|met|put)\b)\w+"
)
_HAPPENED = re.compile(rf"\b(?:{_PAST}|was|were|had)\b")
_DONE = re.compile(rf"\b(?:i|id|ive|we|weve|wed) {_ADVERB}{_PAST}\b")
_OWN_DONE = re.compile(rf"\b(?:i|id|ive) {_ADVERB}{_PAST}\b")
_FIGURE = _SIGN_RULES[Sign.FIGURE]
_POINTED = re.compile(
    r"\b(?:why|what|who|which|how|where|whether|than|from \w+ to|instead|more|less|fewer|half|double)\b"
)
_REASONED = re.compile(r"\b(?:if|when|unless|until|before|after|because|so that|in order)\b")
_ABSOLUTE = re.compile(r"\b(?:always|everything|everybody|everyone|all of|every time|anyway|of course|never)\b")
_HEDGED = re.compile(
    r"\b(?:i think|i guess|i suppose|id say|probably|somehow|mostly|more or less|i believe|i feel|something"
    r"|somewhere|"
    r"and so on|things|stuff|a lot|lots|various|several|sometimes|often|normally|in a sense|at some point)\b"
)
_BOAST = re.compile(
    r"\b(?:very|great|best|fantastic|amazing|huge|proud|strong|good at|excellent|perfect\w*|successful\w*|success)\b"
)
_BASE = (
    r"(?!(?:am|was|think|guess|suppose|believe|know|dont|cant|feel|mean|like|love|would|had|have|need|could|did|will|"
    r"want|hope|assume|wouldnt|never|are|were|as|can|enjoy)\b)\w+"
)
_WAY = re.compile(
    rf"\b(?:i|we|you|id|ill|youd) (?:would |first |then |always |usually |also )*{_BASE}"
    r"|^(?:and |then |first )*(?:ask|check|look|take|start|begin|split|measure|compare|find|write|set|put|make"
    r"|keep|tell|"
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
    for weakness, rule in _WEAK_RULES.items():
        if a_way and weakness is Weakness.GENERALITY:
            continue
        if (found := rule.search(text)) is not None:
            yield weakness, found.start(), found.end()


def is_concrete(text: str, a_way: bool) -> bool:
    """Tell whether a sentence says what happened, or what is done, with something that could be checked."""
    if _HEDGED.search(text) or (not a_way and _ABSOLUTE.search(text)):
        return False
    if not (_HAPPENED.search(text) or (a_way and _WAY.search(text))):
        return False
    checkable = _FIGURE.search(text) or _OWN_DONE.search(text) or _POINTED.search(text)
    return bool(checkable or (a_way and _REASONED.search(text)))


def is_claim(text: str, a_way: bool) -> bool:
    """Tell whether a sentence only claims: "always", "I think", "very successful", with no figure and no own act."""
    if _FIGURE.search(text) or _OWN_DONE.search(text) or (a_way and _WAY.search(text)):
        return False
    return bool(_ABSOLUTE.search(text) or _HEDGED.search(text) or _BOAST.search(text))


def adds_nothing(text: str, a_way: bool) -> bool:
    """Tell whether a sentence holds neither a figure nor anything that was done."""
    return not (_FIGURE.search(text) or _DONE.search(text) or (a_way and _WAY.search(text)))
