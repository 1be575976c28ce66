# ruff: noqa: E501  (one way to object a line)
"""Whether somebody objects to being recorded or assessed: a sentence that says that and nothing else.

"We had to stop recording the metrics" is an answer. So a whole sentence has to be the objection, once its polite words
are off, and what is not to be recorded is this call or the one who speaks. A part between commas is enough where it asks
or speaks for itself ("this worries me, please stop recording"): "we had one rule, no recording" is an answer. So is a
sentence in which somebody is quoted ("he said, please don't record this"): what follows from an objection can't be undone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.interview.commands import clauses, sentences

MOST_WORDS = 16  # of a sentence that objects


@dataclass(frozen=True, slots=True)
class _Ways:
    """How one language objects. before, after: what may stand around it; all are expressions over lower-case words.

    asks: the words by which a part of a sentence asks, or speaks for the one who says it. quotes: those that tell of what
    somebody else said.
    """

    before: str
    objects: tuple[str, ...]
    after: str
    asks: str
    quotes: str


_WHAT = {
    "en": r"(?:this|that|the|our|my)(?: (?:call|conversation|interview|meeting|session|talk))?|me|us|it",
    "de": r"das|dies|mich|uns|es|(?:das|dies|dieses|unser) (?:gespräch|interview|telefonat)|(?:den|diesen) (?:anruf|call)",
}

_EN = _Ways(
    r"please|sorry|im sorry|excuse me|actually|wait|hang on|hey|no|well|um|oh|okay|so|and|but|then|hold on|viva|can you|"
    r"could you|would you|can we|could we|id (?:rather|prefer)(?: if| that)?|i would (?:rather|prefer)(?: if| that)?|"
    r"id like you to|i would like you to|i want you to|id like to ask you to|i must ask you to|you",
    (
        r"(?:do not|dont|didnt|not to|not) record (?:{what})",
        r"(?:do not|dont|not|no) recording(?: of)?(?: (?:{what}))?",
        r"stop (?:the )?recording(?: (?:{what}))?",
        r"(?:turn|switch) (?:off (?:the |that )?(?:recording|recorder|ai|bot)|the (?:recording|recorder|ai|bot) off)",
        r"i (?:do not|dont) (?:want|wish|like) (?:{what}|to be|being)(?: to be| being)? (?:recorded|assessed|evaluated)",
        r"i (?:do not|dont) (?:want|like) (?:you|anyone|anybody|an ai|the ai|a bot|the bot) (?:to )?"
        r"(?:record|recording|assess|assessing|evaluate|evaluating)(?: (?:{what}))?",
        r"i (?:do not|dont) (?:want|wish) to be (?:recorded|assessed|evaluated|rated)(?: by (?:an ai|a machine|a bot))?",
        r"(?:do not|dont|not to|stop) (?:assess|evaluate|rate|assessing|evaluating|rating) (?:{what})",
        r"i (?:do not|dont|cannot|cant|wont) (?:consent(?: to (?:this|that|it|(?:being|be) (?:recorded|assessed|evaluated)|the recording))?|"
        r"agree (?:to|with) (?:(?:being|be) (?:recorded|assessed|evaluated)|(?:the|this) recording))",
        r"i object(?: to (?:this|that|it|being (?:recorded|assessed|evaluated)|the recording))?",
        r"i (?:take back|withdraw|revoke) my consent",
        r"(?:id|i would) (?:rather|prefer) not (?:to )?be (?:recorded|assessed|evaluated)",
        r"im not (?:okay|ok|fine|comfortable|happy) with (?:(?:{what} )?being recorded|the recording)",
    ),
    r"please|now|anymore|any more|any longer|at all|thanks|thank you|then|today|sorry|if possible|if you dont mind",
    r"please|i|im|id|(?:can|could|would) you",
    r"said|says|saying|told|tells|asked|asks|replied|wrote|writes|shouted",
)
_DE = _Ways(
    r"bitte|entschuldigung|entschuldigen sie|moment|halt|nein|also|ähm|äh|oh|und|aber|eigentlich|könnten sie|können sie|"
    r"würden sie|viva|dann",
    (
        r"(?:nehmen sie|nimm) (?:{what}) (?:bitte )?nicht (?:mehr )?(?:weiter )?auf",
        r"(?:{what}) (?:bitte )?nicht (?:mehr )?(?:weiter )?(?:aufnehmen|aufzeichnen)",
        r"(?:zeichnen sie|zeichne) (?:{what}) (?:bitte )?nicht (?:mehr )?auf",
        r"(?:bewerten|beurteilen) sie (?:{what}) (?:bitte )?nicht(?: mehr)?",
        r"(?:{what}) (?:bitte )?nicht (?:mehr )?(?:bewerten|beurteilen)",
        r"(?:bitte )?keine (?:aufnahme|aufzeichnung)",
        r"(?:stoppen|beenden) sie (?:bitte )?die (?:aufnahme|aufzeichnung)",
        r"(?:die )?(?:aufnahme|aufzeichnung) (?:bitte )?(?:stoppen|beenden|ausschalten|abschalten|aus)",
        r"schalten sie (?:bitte )?die (?:aufnahme|aufzeichnung|ki) (?:bitte )?(?:aus|ab)",
        r"ich (?:möchte|will) (?:bitte )?(?:das |dies )?nicht (?:mehr )?(?:dass (?:das|dies|ich) )?"
        r"(?:aufgenommen|aufgezeichnet|bewertet)(?: (?:werden|wird|werde))?",
        r"ich (?:möchte|will) nicht dass (?:das|dies|dieses gespräch|ich) (?:aufgenommen|aufgezeichnet|bewertet) "
        r"(?:wird|werde)",
        r"ich (?:bin mit der (?:aufnahme|aufzeichnung) nicht einverstanden|stimme der (?:aufnahme|aufzeichnung) nicht zu)",
        r"ich widerspreche(?: (?:dem|der (?:aufnahme|aufzeichnung)))?",
        r"ich widerrufe meine (?:einwilligung|zustimmung)",
    ),
    r"bitte|jetzt|mehr|danke|heute|dann|lieber",
    r"bitte|ich|(?:können|könnten|würden) sie",
    r"sagte|sagten|sagt|gesagt|fragte|fragten|gefragt|meinte|meinten|bat|baten|gebeten|hieß|schrieb",
)
_ES = _Ways(
    r"por favor|perdón|perdone|disculpe|espere|un momento|no|bueno|pues|eh|oh|y|pero|entonces|viva|podría|puede|"
    r"le pido que|quiero que|quisiera que|preferiría que",
    (
        r"no (?:me |nos |lo |la )?(?:grabe|graben|grabes|grabar)(?: esto| esta (?:conversación|entrevista|llamada)|"
        r" la (?:conversación|entrevista|llamada))?",
        r"(?:deje|dejen|deja|pare|paren|para) de (?:grabar|grabarme|grabarnos)(?: esto)?",
        r"(?:detenga|pare|apague|desactive) la grabación",
        r"no quiero (?:que (?:me|nos|lo|se) (?:graben|grabe|evalúen|evalúe)(?: esto| nada)?|ser (?:grabad[oa]|evaluad[oa])|"
        r"que esto se grabe)",
        r"(?:prefiero|preferiría) (?:que no (?:me|nos|lo|se) (?:graben|grabe)(?: esto)?|no ser grabad[oa])",
        r"no (?:doy mi consentimiento|estoy de acuerdo con la grabación|consiento la grabación)",
        r"me opongo(?: a (?:esto|eso|la grabación|que me graben))?",
        r"retiro mi consentimiento",
        r"sin (?:grabación|grabar)",
    ),
    r"por favor|ahora|más|gracias|hoy|entonces",
    r"por favor|quiero|prefiero|preferiría|opongo|retiro|consiento",
    r"dijo|dijeron|dice|dicen|decía|decían|dicho|pidió|pidieron|preguntó|preguntaron|escribió|respondió",
)
_FR = _Ways(
    r"s il vous plaît|sil vous plaît|pardon|excusez moi|désolée?|attendez|un instant|non|alors|euh|oh|et|mais|bon|viva|"
    r"pouvez vous|pourriez vous|je vous demande de|merci de",
    (
        r"(?:ne |n )?(?:m |me |nous |l )?(?:enregistrez|enregistre)(?: moi| nous)? pas(?: (?:ceci|cela|ça|cet entretien|"
        r"cette conversation|l entretien|la conversation))?",
        r"ne pas (?:m |nous )?enregistrer(?: (?:ceci|cela|ça|cet entretien|cette conversation))?",
        r"(?:arrêtez|cessez)(?: de)? (?:l enregistrement|m enregistrer|nous enregistrer|d enregistrer|enregistrer)",
        r"(?:coupez|éteignez|désactivez|stoppez) (?:l enregistrement|l ia)",
        r"je ne (?:veux|souhaite) pas (?:être (?:enregistrée?|évaluée?)|que (?:ce|ceci|cela|ça|cet entretien|la "
        r"conversation) soit enregistrée?|qu on m enregistre|que vous m enregistriez)",
        r"je préfère ne pas être enregistrée?|je préférerais ne pas être enregistrée?",
        r"je ne (?:suis pas d accord avec l enregistrement|consens pas(?: à (?:cela|ça))?)",
        r"je m (?:y )?oppose(?: à (?:ceci|cela|ça|l enregistrement))?",
        r"je retire mon (?:consentement|accord)",
        r"pas d enregistrement",
    ),
    r"s il vous plaît|sil vous plaît|maintenant|plus|merci|aujourd hui|alors",
    r"s il vous plaît|sil vous plaît|je|(?:pouvez|pourriez) vous",
    r"dit|disait|disaient|demandé|demandait|répondu|écrit|écrivait|criait",
)


@dataclass(frozen=True, slots=True)
class _Language:
    objects: tuple[re.Pattern[str], ...]
    asks: re.Pattern[str]
    quotes: re.Pattern[str]

    @classmethod
    def of(cls, ways: _Ways, what: str) -> "_Language":
        before, after = rf"(?:(?:{ways.before}) ){{0,4}}", rf"(?: (?:{ways.after})){{0,2}}"
        return cls(
            tuple(re.compile(before + one.replace("{what}", what) + after) for one in ways.objects),
            re.compile(rf"\b(?:{ways.asks})\b"),
            re.compile(rf"\b(?:{ways.quotes})\b"),
        )


_LANGUAGES: Mapping[str, _Language] = {
    language: _Language.of(ways, _WHAT.get(language, ""))
    for language, ways in {"en": _EN, "de": _DE, "es": _ES, "fr": _FR}.items()
}


def objects(text: str, language: str) -> bool:
    """Tell whether one of the sentences of `text` is an objection; English is understood beside the call's language."""
    known = [_LANGUAGES[code] for code in dict.fromkeys([language, "en"]) if code in _LANGUAGES]
    return any(_objects(sentence, known) for sentence in sentences(text))


def _objects(sentence: str, known: Sequence[_Language]) -> bool:
    if any(spoken.quotes.search(sentence.casefold()) for spoken in known):
        return False
    whole = set(clauses(re.sub("[,:]", " ", sentence)))
    return any(
        any(one.fullmatch(said) for one in spoken.objects) and (said in whole or spoken.asks.search(said) is not None)
        for said in whole.union(clauses(sentence))
        if len(said.split()) <= MOST_WORDS
        for spoken in known
    )
