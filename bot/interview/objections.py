# ruff: noqa: E501  (one way to object a line)
"""Whether somebody objects to being recorded or assessed: for certain, or perhaps.

What follows from an objection can't be undone, and one that is not heard is worse. So it is certain where a whole turn is
the objection and nothing else, once its polite words are off; and perhaps one where a sentence of a longer turn is, a part
between commas that asks or speaks for itself ("I tell them, please stop recording"), or words that refuse stand with words
of recording or consent ("I'm not sure I agree to all this being recorded"). Those are for asking back. "We had to stop
recording the metrics" is an answer, and so is a sentence in which somebody else is quoted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.interview.commands import clauses, is_filler, sentences, words, yes_or_no

MOST_WORDS = 16  # of a sentence that objects
MOST_WORDS_PERHAPS = 28  # of one that may
SHORT = 8  # words of a yes or no; of a longer reply its beginning tells


@dataclass(frozen=True, slots=True)
class _Ways:
    """How one language objects. before, after: what may stand around it; all are expressions over lower-case words.

    asks: the words by which a part of a sentence asks, or speaks for the one who says it. quotes: those that tell of what
    somebody else said. perhaps: what refuses somewhere in a sentence; `{rec}` is a word of being recorded or assessed.
    stands, fades: what says, when the bot asks whether to stop recording, that it should, or need not.
    """

    before: str
    objects: tuple[str, ...]
    after: str
    asks: str
    quotes: str
    rec: str
    perhaps: tuple[str, ...]
    stands: str
    fades: str


_WHAT = {
    "en": r"(?:this|that|the|our|my)(?: (?:call|conversation|interview|meeting|session|talk))?|me|us|it",
    "de": r"das|dies|mich|uns|es|(?:das|dies|dieses|unser) (?:gespräch|interview|telefonat)|(?:den|diesen) (?:anruf|call)",
}

_BEING = (
    r"(?:(?:(?:this|that|the|our|my)(?: (?:call|conversation|interview|meeting|session))?|me|it|you) )?(?:to )?"
    r"(?:be|being|get|getting|have|having)(?: (?:this|it|me))? (?:recorded|taped|filmed|assessed|evaluated)"
)

_EN = _Ways(
    r"please|sorry|im sorry|excuse me|actually|wait|hang on|hey|no|yes|yeah|well|um|uh|oh|okay|so|and|but|then|hold on|viva|can you|"
    r"im not (?:at ease|comfortable|happy|okay|ok|fine) (?:with|about) (?:this|that|it)|i dont like (?:this|that|it)|"
    r"i told you|i have to say|i want to|i wish to|i need to|id like to|i would like to|"
    r"could you|would you|can we|could we|id (?:rather|prefer)(?: if| that)?|i would (?:rather|prefer)(?: if| that)?|"
    r"id like you to|i would like you to|i want you to|id like to ask you to|i must ask you to|you",
    (
        r"(?:do not|dont|not to|not) record(?: (?:{what}))?",
        r"(?:id|i would) (?:rather|prefer)(?: it)?(?: if)? you (?:did not|didnt) record (?:{what})",
        r"(?:delete|erase|remove|throw away) (?:the|this|that|my|all|any) (?:recording|recordings)",
        r"(?:do not|dont|not|no) recording(?: of)?(?: (?:{what}))?",
        r"stop (?:the )?recording(?: (?:{what}))?",
        r"(?:turn|switch) (?:off (?:the |that )?(?:recording|recorder|ai|bot)|the (?:recording|recorder|ai|bot) off)",
        r"i (?:do not|dont) (?:want|wish|like) (?:{what}|to be|being)(?: to be| being)? (?:recorded|assessed|evaluated)",
        r"i (?:do not|dont) (?:want|like) (?:you|anyone|anybody|an ai|the ai|a bot|the bot) (?:to )?"
        r"(?:record|recording|assess|assessing|evaluate|evaluating)(?: (?:{what}))?",
        r"i (?:do not|dont) (?:want|wish) to be (?:recorded|assessed|evaluated|rated)(?: by (?:an ai|a machine|a bot))?",
        r"(?:do not|dont|not to|stop) (?:assess|evaluate|rate|assessing|evaluating|rating) (?:{what})",
        r"i (?:do not|dont|cannot|cant|wont|will not|no longer|did not|didnt)(?: \w+)? consent(?: to (?:this|that|it|{being}|(?:the |this |any )?recording))?",
        r"i (?:do not|dont|cannot|cant|wont|will not|no longer|did not|didnt) agree (?:to|with) (?:{being}|(?:the|this|any) recording)",
        r"i (?:do not|dont|cannot|cant|wont|will not|no longer) give (?:you )?(?:my|any) consent(?: (?:to|for) (?:this|that|it|{being}|(?:the |this |any )?recording))?",
        r"i object(?: to (?:this|that|it|{being}|(?:the |this |any )?recording))?",
        r"i (?:refuse|decline) (?:{being}|(?:the|this|any) recording)",
        r"(?:i )?(?:take back|withdraw|revoke|withdrawing|revoking) my consent",
        r"(?:id|i would) (?:rather|prefer) not (?:to )?be (?:recorded|assessed|evaluated)",
        r"im not (?:okay|ok|fine|comfortable|happy) with (?:{being}|(?:the|this|any) recording)",
    ),
    r"please|now|anymore|any more|any longer|at all|thanks|thank you|then|today|sorry|if possible|if you dont mind",
    r"please|i|im|id|(?:can|could|would) you",
    r"(?<!\bi )(?:said|says|saying|told|tells|asked|asks|replied|wrote|writes|shouted)",
    r"recorded|recording|taped|filmed|assessed|evaluated|rated|judged|interviewed",
    (
        r"\bi (?:\w+ )?(?:do not|dont|cannot|cant|wont|will not|did not|didnt|no longer|never|not)(?: \w+){0,3} (?:consent|consented)\b",
        r"\b(?:withdraw\w*|revok\w*|refus\w*|den(?:y|ied)|take back|without|not have|dont have) my (?:consent|permission)",
        r"\bi(?:m| am|d| would| will)? (?:\w+ )?(?:(?:do not|dont|cannot|cant|wont|will not|did not|didnt|no longer|never) (?:\w+ )?"
        r"(?:want|wish|like|agree|agreed|accept|allow|approve|feel|permit)|not (?:sure|okay|ok|fine|happy|comfortable|at ease)|refuse|object|"
        r"rather not|prefer not|decline|against|uncomfortable|hate)\b(?: \w+){0,8} (?:{rec}|record (?:me|us|this|it))\b",
        r"\b(?:can|could|would|will|may|shall) (?:you|we|i)(?: \w+){0,4}? (?:not|without|stop|delete|erase|off)(?: \w+){0,2}? record(?:ing|ed)?\b",
        r"\bplease(?: \w+){0,2}? (?:do not|dont|not|no|stop|delete|erase|off)(?: \w+){0,2}? record(?:ing|ed)?\b",
        r"\b(?:id|i would|i) (?:rather|prefer|like|want)(?: \w+){0,4}? (?:not|did not|didnt|dont|without|stop|delete)(?: \w+){0,3}? record(?:ing|ed)?\b",
    ),
    r"stop(?: it| that| recording)?|i would|id (?:like|prefer) that|delete it|turn it off",
    r"go on|go ahead|keep (?:going|on|recording)|continue|carry on|(?:dont|do not|no need to) stop|no need|(?:thats|that is|its|it is|im) (?:all )?"
    r"(?:fine|okay|ok|good|alright)|no problem(?: at all)?|no worries|not a problem|i (?:dont|do not) mind|you can record",
)
_DE = _Ways(
    r"bitte|entschuldigung|entschuldigen sie|moment|halt|nein|also|ähm|äh|oh|und|aber|eigentlich|könnten sie|können sie|"
    r"würden sie|viva|dann|ja|ich habe ihnen gesagt|mir ist dabei nicht wohl|ich fühle mich dabei nicht wohl|ich möchte dass sie|ich möchte",
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
        r"(?:ich )?(?:widerrufe|widerrufen|ziehe|nehme) meine (?:einwilligung|zustimmung)(?: zurück)?",
        r"meine (?:einwilligung|zustimmung) (?:widerrufen|zurückziehen|zurücknehmen)",
        r"ich (?:gebe|erteile) (?:ihnen )?(?:dafür |dazu )?(?:keine|nicht meine) (?:einwilligung|zustimmung)(?: (?:dazu|dafür|zur aufnahme))?",
        r"ich stimme (?:dem|einer|der|dieser) (?:aufnahme |aufzeichnung )?nicht (?:mehr )?zu",
        r"ich (?:möchte|will) nicht dass (?:sie|ihr|man) (?:{what}) (?:aufnehmen|aufzeichnen|aufnimmt|aufzeichnet|bewerten|bewertet)",
        r"ich bin nicht (?:mehr )?(?:damit )?einverstanden (?:dass (?:{what}|ich) (?:aufgenommen|aufgezeichnet|bewertet) (?:wird|werde)|mit der (?:aufnahme|aufzeichnung))",
        r"ich (?:weigere mich|lehne es ab) aufgenommen zu werden|ich lehne (?:die|eine|jede) (?:aufnahme|aufzeichnung) ab",
        r"(?:löschen sie|lösche) (?:bitte )?(?:die|diese|meine) (?:aufnahme|aufzeichnung)(?: bitte)?",
        r"(?:die|diese|meine) (?:aufnahme|aufzeichnung) (?:bitte )?löschen",
        r"nicht (?:aufnehmen|aufzeichnen)",
    ),
    r"bitte|jetzt|mehr|danke|heute|dann|lieber",
    r"bitte|ich|(?:können|könnten|würden) sie",
    r"sagte|sagten|sagt|(?<!ich habe )(?<!ich hab )(?<!ihnen )gesagt|fragte|fragten|gefragt|meinte|meinten|bat|baten|gebeten|hiess|schrieb",
    r"aufgenommen|aufgezeichnet|mitgeschnitten|aufnehmen|aufzeichnen|mitschneiden|aufnimmt|aufzeichnet|aufnahmen?|aufzeichnung|bewertet|interviewt",
    (
        r"^(?=.*\bich\b)(?=.*\b(?:nicht|nie|keine[rnm]?|ungern|lieber ohne)\b)(?=.*\b(?:möchte|will|würde|mag|stimme|zustimmen|"
        r"zugestimmt|einverstanden|erlaube|gestatte|willige|einwilligen|recht)\b)(?=.*\b(?:{rec})\b)",
        r"\bich (?:lehne|verweigere|widerspreche|weigere)\b.*\b(?:{rec})\b",
        r"^(?=.*\b(?:meine[rn]?|keine)\b(?: \w+){0,2} (?:einwilligung|zustimmung|einverständnis)\b)(?=.*\bich\b|.*\bohne meine\b)(?=.*\b(?:widerrufen?|"
        r"zurück\w*|ohne|keine|nicht)\b)",
        r"^(?=.*\b(?:bitte|können|könnten|würden) ?(?:sie|wir|ich)?\b)(?=.*\b(?:nicht|ohne|keine|löschen|lösche|stoppen|beenden|ausschalten|abschalten)\b)"
        r"(?=.*\b(?:{rec})\b)(?!.*\bwir (?:hatten|haben|mussten)\b)",
    ),
    r"stopp(?:en)?(?: sie)?|aufhören|hören sie auf|löschen|ausschalten",
    r"weiter|weitermachen|machen sie (?:ruhig )?weiter|fortfahren|nicht (?:nötig|aufhören|stoppen|beenden)|(?:das ist |ist |schon )?in ordnung|schon gut|"
    r"alles gut|kein problem|stört mich nicht|passt(?: schon)?",
)
_ES = _Ways(
    r"por favor|perdón|perdone|disculpe|espere|un momento|no|bueno|pues|eh|oh|y|pero|entonces|viva|podría|puede|"
    r"le pido que|quiero que|quisiera que|preferiría que|sí|ya le dije que|no me siento cómod[oa] con esto|quiero|quisiera",
    (
        r"no (?:me |nos |lo |la )?(?:grabe|graben|grabes|grabar)(?: esto| esta (?:conversación|entrevista|llamada)|"
        r" la (?:conversación|entrevista|llamada))?",
        r"(?:deje|dejen|deja|pare|paren|para) de (?:grabar|grabarme|grabarnos)(?: esto)?",
        r"(?:detenga|pare|apague|desactive) la grabación",
        r"no quiero (?:que (?:me|nos|lo|se) (?:graben|grabe|evalúen|evalúe)(?: esto| nada)?|ser (?:grabad[oa]|evaluad[oa])|"
        r"que esto se grabe)",
        r"(?:prefiero|preferiría) (?:que no (?:me|nos|lo|se) (?:graben|grabe)(?: esto)?|no ser grabad[oa])",
        r"(?:ya )?no (?:le )?(?:doy (?:mi|el) consentimiento(?: (?:para|a) (?:esto|eso|grabar(?:me)?|la grabación|que me graben|ser grabad[oa]))?|"
        r"consiento(?: (?:esto|eso|la grabación|que me graben|ser grabad[oa]|en ser grabad[oa]))?)",
        r"(?:ya )?no (?:estoy de acuerdo con|acepto) (?:la grabación|que (?:me|nos|se|esto se) (?:graben?|grabe esto)|ser grabad[oa])",
        r"(?:yo )?(?:me opongo|me niego)(?: a (?:esto|eso|la grabación|que me graben|ser grabad[oa]))?",
        r"(?:yo )?(?:retiro|retirar|revoco|revocar) mi consentimiento",
        r"(?:borre|borren|borra|elimine|eliminen|elimina|borrar|eliminar) (?:la|esta|esa|mi) grabación",
        r"(?:rechazo|no acepto) (?:la|esta) grabación",
        r"no quiero que (?:usted )?(?:me grabe|grabe esto|esto sea grabado|se grabe esto)",
        r"sin (?:grabación|grabar)",
    ),
    r"por favor|ahora|más|gracias|hoy|entonces",
    r"por favor|quiero|prefiero|preferiría|opongo|retiro|consiento",
    r"dijo|dijeron|dice|dicen|decía|decían|dicho|pidió|pidieron|preguntó|preguntaron|escribió|respondió",
    r"grabad[oa]s?|grabación|grabar(?:me|nos|lo)?|graben?|grabando|evaluad[oa]|evalúen?|entrevistad[oa]",
    (
        r"\b(?:no|nunca|ya no) (?:\w+ )?(?:quiero|quisiera|deseo|acepto|consiento|autorizo|permito|estoy (?:de acuerdo|cómod[oa]|segur[oa])|"
        r"me (?:gusta|gustaría|parece bien|siento cómod[oa]))\b(?: \w+){0,7} (?:{rec})\b",
        r"\b(?:me niego|me opongo|rechazo|prefiero|preferiría|preferiria)\b(?: \w+){0,7} (?:{rec})\b",
        r"\b(?:no (?:\w+ )?doy|no he dado|no di|retir\w+|revo[cq]\w+|sin)\b(?: \w+)? mi consentimiento",
        r"\b(?:por favor|puede|podría|podríamos|podemos|puedo)\b(?: \w+){0,4} (?:no|sin|deje de|dejar de|borr\w+|elimin\w+|parar|deten\w+)(?: \w+){0,2} (?:{rec})\b",
        r"\bpor favor no (?:me |nos |lo )?graben?\b",
    ),
    r"pare|deténgase|deténgala|sí pare|deje de grabar|bórrela|elimínela",
    r"sig[au](?:mos)?|siga grabando|continúe|continuemos|adelante|no (?:hace falta|pare|es necesario)|está (?:bien|todo bien)|no hay (?:ningún )?problema|"
    r"no me (?:importa|molesta)|puede grabar",
)
_FR = _Ways(
    r"s il vous plaît|sil vous plaît|pardon|excusez moi|désolée?|attendez|un instant|non|oui|alors|euh|oh|et|mais|bon|viva|"
    r"je vous ai dit que|je ne suis pas à l aise(?: avec (?:ça|cela))?|je veux|je voudrais|je souhaite|j aimerais|veuillez|pouvez vous|pourriez vous|je vous demande de|merci de",
    (
        r"(?:ne |n )?(?:m |me |nous |l )?(?:enregistrez|enregistre)(?: moi| nous)? pas(?: (?:ceci|cela|ça|cet entretien|"
        r"cette conversation|l entretien|la conversation))?",
        r"ne pas (?:m |nous )?enregistrer(?: (?:ceci|cela|ça|cet entretien|cette conversation))?",
        r"(?:arrêtez|cessez|arrêter|cesser)(?: de)? (?:l enregistrement|m enregistrer|nous enregistrer|d enregistrer|enregistrer)",
        r"(?:coupez|éteignez|désactivez|stoppez) (?:l enregistrement|l ia)",
        r"je ne (?:veux|souhaite) pas (?:être (?:enregistrée?|évaluée?)|que (?:ce|ceci|cela|ça|cet entretien|la "
        r"conversation) soit enregistrée?|qu on m enregistre|que vous m enregistriez)",
        r"je préfère ne pas être enregistrée?|je préférerais ne pas être enregistrée?",
        r"je (?:ne |n )?(?:suis (?:pas|plus) d accord (?:avec l enregistrement|pour (?:être enregistrée?|l enregistrement|que (?:ce|ceci|cela|ça) soit enregistré))|"
        r"consens (?:pas|plus)(?: à (?:cela|ça|l enregistrement|être enregistrée?))?)",
        r"je (?:ne )?(?:vous )?donne (?:pas|plus) mon (?:accord|consentement)(?: (?:pour (?:être enregistrée?|cela|ça|l enregistrement)|à (?:cela|ça|l enregistrement)))?",
        r"je n accepte (?:pas|plus) (?:d être enregistrée?|l enregistrement|que (?:ce|ceci|cela|ça) soit enregistré)",
        r"je refuse (?:d être (?:enregistrée?|évaluée?)|l enregistrement|que (?:ce|ceci|cela|ça) soit enregistré|qu on m enregistre|que vous m enregistriez)",
        r"je m (?:y )?oppose(?: à (?:ceci|cela|ça|l enregistrement|être enregistrée?))?",
        r"(?:je )?(?:retire|retirer) mon (?:consentement|accord)",
        r"(?:supprimez|effacez|supprimer|effacer) (?:l|cet|mon) enregistrement",
        r"pas d enregistrement",
    ),
    r"s il vous plaît|sil vous plaît|maintenant|plus|merci|aujourd hui|alors",
    r"s il vous plaît|sil vous plaît|je|(?:pouvez|pourriez) vous",
    r"(?<!j'ai )(?<!j’ai )(?<!vous ai )dit|disait|disaient|demandé|demandait|répondu|écrit|écrivait|criait",
    r"enregistrée?s?|enregistrements?|enregistrer|enregistrez|enregistre|enregistriez|évaluée?|interviewée?",
    (
        r"\bje (?:ne |n )?(?:\w+ )?(?:veux|voudrais|souhaite|accepte|autorise|consens|aime|aimerais|suis|donne)(?: \w+)? (?:pas|plus|jamais)\b(?: \w+){0,8} (?:{rec})\b",
        r"\bje (?:refuse|préfère|préférerais|m oppose|m y oppose)\b(?: \w+){0,6} (?:{rec})\b",
        r"\b(?:donne (?:pas|plus)|ai (?:pas|jamais) donné|retir\w+|sans) mon (?:accord|consentement)\b",
        r"\b(?:s il vous plaît|sil vous plaît|pouvez vous|pourriez vous|peut on|pouvons nous|pourrait on|merci de)\b(?: \w+){0,4} (?:pas|sans|arrêt\w+|cess\w+|supprim\w+|effac\w+)"
        r"(?: \w+){0,2} (?:{rec})\b",
    ),
    r"arrêtez|arrêter|stop|supprimez le|effacez le",
    r"continuez|continuer|continuons|allez y|poursuivez|pas besoin|pas la peine|n arrêtez pas|narrêtez pas|(?:c est|cest|ça va|tout va) bon|ça va|tout va bien|"
    r"(?:pas de|aucun) (?:problème|souci)|(?:ne )?me dérange pas",
)


@dataclass(frozen=True, slots=True)
class _Language:
    polite: re.Pattern[str]
    objects: tuple[re.Pattern[str], ...]
    asks: re.Pattern[str]
    quotes: re.Pattern[str]
    perhaps: tuple[re.Pattern[str], ...]
    stands: re.Pattern[str]
    fades: re.Pattern[str]

    @classmethod
    def of(cls, ways: _Ways, what: str) -> "_Language":
        before, after = rf"(?:(?:{ways.before}) ){{0,5}}", rf"(?: (?:{ways.after})){{0,2}}"

        def filled(one: str) -> str:
            return one.replace("{being}", _BEING).replace("{what}", what).replace("{rec}", ways.rec)

        return cls(
            re.compile(rf"(?:{ways.before}|{ways.after})(?: (?:{ways.before}|{ways.after}))*"),
            tuple(re.compile(f"{before}(?:{filled(one)}){after}") for one in ways.objects),
            re.compile(rf"\b(?:{ways.asks})\b"),
            re.compile(rf"\b(?:{ways.quotes})\b"),
            tuple(re.compile(filled(one)) for one in ways.perhaps),
            re.compile(rf"\b(?:{ways.stands})\b"),
            re.compile(rf"\b(?:{ways.fades})\b"),
        )


_LANGUAGES: Mapping[str, _Language] = {
    language: _Language.of(ways, _WHAT.get(language, ""))
    for language, ways in {"en": _EN, "de": _DE, "es": _ES, "fr": _FR}.items()
}


def objects(text: str, language: str) -> bool:
    """Tell whether `text` as a whole is an objection; English is understood beside the call's language."""
    said = [sentence for sentence in sentences(text) if words(sentence)]
    found = [_whole(sentence, _known(language)) for sentence in said]
    return any(found) and all(
        one or any(spoken.polite.fullmatch(form) for spoken in _known(language) for form in _forms(sentence))
        for one, sentence in zip(found, said, strict=True)
    )


def may_object(text: str, language: str) -> bool:
    """Tell whether something in `text` may be an objection, so that it is worth asking."""
    return any(_perhaps(sentence, _known(language)) for sentence in sentences(text))


def still_objects(text: str, language: str) -> bool | None:
    """Whether `text`, which answers "shall I stop recording?", wants that; None where it says neither."""
    said = " ".join(words(text))
    known = _known(language)
    fades = any(spoken.fades.search(said) for spoken in known)
    for spoken in known:
        said = spoken.fades.sub(" ", said)
    stands = any(spoken.stands.search(said) for spoken in known)
    for spoken in known:
        said = spoken.stands.sub(" ", said)
    refuses = may_object(said, language)
    first = next((part for part in re.split(r"[.?!…;:,\n]+", text) if words(part)), "")
    answer = yes_or_no(first if len(words(text)) > SHORT else said, language)
    if is_filler(said, language):
        answer = None
    yes, no = stands or refuses or answer is True, fades or answer is False
    return None if yes == no else yes


def _known(language: str) -> list[_Language]:
    return [_LANGUAGES[code] for code in dict.fromkeys([language, "en"]) if code in _LANGUAGES]


def _forms(sentence: str) -> set[str]:
    """The words of a whole sentence, with apostrophes read in both ways."""
    return set(clauses(re.sub("[,:]", " ", sentence)))


def _whole(sentence: str, known: Sequence[_Language]) -> bool:
    return any(
        one.fullmatch(said)
        for said in _forms(sentence)
        if len(said.split()) <= MOST_WORDS
        for spoken in known
        for one in spoken.objects
    )


def _perhaps(sentence: str, known: Sequence[_Language]) -> bool:
    if _whole(sentence, known):
        return True
    if any(spoken.quotes.search(sentence.casefold()) for spoken in known):
        return False
    if any(
        spoken.asks.search(said) and any(one.fullmatch(said) for one in spoken.objects)
        for said in clauses(sentence)
        if len(said.split()) <= MOST_WORDS
        for spoken in known
    ):
        return True
    return any(
        one.search(said)
        for said in _forms(sentence)
        if len(said.split()) <= MOST_WORDS_PERHAPS
        for spoken in known
        for one in spoken.perhaps
    )
