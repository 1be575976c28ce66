"""How questions are put in each language: what in them tells something, and what kind of thing they ask for."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions are put in one language.

    common: words that tell nothing; near: what most facts are about anyway, and what tells nothing by itself; sizes:
    words that ask for a number; opens: a question that any fact about its subject answers. The rest are patterns.
    """

    common: frozenset[str]
    near: frozenset[str]
    sizes: frozenset[str]
    how_many: str
    when: str
    where: str
    why: str
    opens: str
    times: str
    places: str
    reasons: str
    negations: frozenset[str]
    numbers: frozenset[str]


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EN = Asking(
    _split(
        "a about also an and any anything are as ask asking at be been but by can could curious did do does for from "
        "get give had has have he her him his hi hello how i if im in interested is it its ill just know let like me "
        "more much my of on or our out please question questions she should so some something take takes tell than "
        "that the thats their them then there they thing things this to us want was we well what whats when where "
        "which who whos why will with wondering would you your youre okay one thank thanks id ive theres say said "
        "hear maybe actually"
    ),
    _split("team job role position company work"),
    _split("many big large much size long often soon"),
    r"\bhow (?:many|big|large|much)\b|\bwhat size\b",
    r"\bwhen\b|\bhow (?:long|soon|often)\b",
    r"\bwhere\b",
    r"\bwhy\b|\bhow come\b|\breasons?\b",
    r"\btell (?:me|us)\b.*\babout\b|\b(?:know|hear) (?:\w+ )?(?:more )?about\b|\bwhat about\b|\blike$",
    r"\b(?:days?|weeks?|months?|years?|hours?|minutes?|mornings?|\w+day|daily|monthly|weekly|yearly|once|twice|soon)\b",
    r"\b(?:remote\w*|home|office|anywhere|on site|city)\b",
    r"\b(?:because|since|so that|due to|therefore)\b",
    _split("not no never nobody none nothing without neither nor dont doesnt isnt arent wont cant cannot"),
    _split(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen twenty "
        "thirty forty fifty sixty seventy eighty ninety hundred thousand million half dozen"
    ),
)
_DE = Asking(
    _split(
        "aber alle als am an auch auf aus bei bin bitte da das dass dem den denn der des die dies diese ein eine "
        "einem einen einer er es etwas frage fragen für gern gerne gibt haben hat hätte ich ihm ihnen ihr ihre im in "
        "ist ja kann können man mich mir mit mal möchte nach noch nun ob oder sagen sein sie sind so über um und uns "
        "von vom was welche welcher welches wenn wer werden wie wieso wird wissen wir wo wüsste zu zum zur sich danke "
        "erzählen wann warum dauert genau eigentlich"
    ),
    _split("team job rolle stelle position firma unternehmen arbeit"),
    _split("viele viel gross grösse lange oft bald"),
    r"\bwie (?:viele?|gross)\b",
    r"\bwann\b|\bwie (?:lange|oft|bald)\b",
    r"\bwo\b|\bwohin\b",
    r"\bwarum\b|\bwieso\b|\bweshalb\b|\bgründe?\b",
    r"\berzählen\b.*\büber\b|\bwissen\b.*\büber\b|\büber\b.*\b(?:erzählen|wissen|sagen)\b|\bwas ist mit\b",
    r"\b(?:tage?n?|wochen?|monate?n?|jahre?n?|stunden?|minuten?|\w+tags?|täglich|monatlich|einmal|zweimal|bald)\b",
    r"\b(?:remote|zuhause|hause|homeoffice|büro|überall|stadt)\b",
    r"\b(?:weil|da|damit|deshalb|wegen)\b",
    _split("nicht kein keine keinen keiner keinem nie niemand nichts ohne weder"),
    _split("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreissig fünfzig hundert tausend"),
)
_ES = Asking(
    _split(
        "a al algo como cómo con cual cuál cuales cuáles cuando cuándo cuánto cuánta cuántos cuántas de del donde "
        "dónde el ella ellos en es esa ese eso esta está están este esto gracias gustaría ha hablar hay la las le les "
        "lo los más me mi muy o para pero por porque pregunta preguntar puede podría que qué quería quién quisiera "
        "saber se ser si sí sobre son su sus también tiene tienen un una y ya tarda dura decir decirme contarme"
    ),
    _split("equipo puesto trabajo empresa posición compañía"),
    _split("grande tamaño tiempo frecuencia"),
    r"\bcuánt[oa]s?\b|\bqué tamaño\b|\bcómo de grande\b",
    r"\bcuándo\b|\bcuánto (?:tiempo|tarda|dura)\b|\bqué frecuencia\b",
    r"\bdónde\b",
    r"\bpor qué\b|\brazón\b",
    r"\b(?:contarme|decirme|saber|hablar)\b.*\bsobre\b",
    r"\b(?:días?|semanas?|mes(?:es)?|años?|horas?|minutos?|lunes|martes|miércoles|jueves|viernes|vez|veces)\b",
    r"\b(?:remoto|casa|oficina|ciudad|cualquier lugar)\b",
    r"\b(?:porque|ya que|debido)\b",
    _split("no nunca nadie nada sin ni ningún ninguna"),
    _split("dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cincuenta cien mil"),
)
_FR = Asking(
    _split(
        "à a ai aimerais au aux avec avez avoir c ce cela ces cest cette combien comme comment d dans de des du elle "
        "en est et être il ils j je jaimerais l la le les leur ma mais me merci moi mon nous on ont ou où par parler "
        "plus poser pour pourquoi pouvez pouvezvous quand que quel quelle quelles quelque quelques quels question "
        "quoi savoir se si son sont sur une un voudrais vous votre y dire chose estce quil quelle dure prend"
    ),
    _split("équipe poste travail emploi entreprise société"),
    _split("grande taille temps souvent longtemps"),
    r"\bcombien\b|\bquelle (?:est la )?taille\b",
    r"\bquand\b|\bcombien de temps\b|\bfréquence\b",
    r"\boù\b",
    r"\bpourquoi\b|\braisons?\b",
    r"\b(?:dire|savoir|parler)\b.*\bsur\b",
    r"\b(?:jours?|semaines?|mois|ans?|années?|heures?|minutes?|lundi|mardi|mercredi|jeudi|vendredi|fois)\b",
    r"\b(?:télétravail|distance|maison|bureau|ville)\b",
    r"\b(?:parce que|car|grâce)\b",
    _split("ne pas n jamais personne rien sans ni aucun aucune"),
    _split("deux trois quatre cinq six sept huit neuf dix onze douze vingt trente cinquante cent mille"),
)
ASKING: Mapping[str, Asking] = {"en": _EN, "de": _DE, "es": _ES, "fr": _FR}
