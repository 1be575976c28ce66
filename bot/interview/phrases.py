# ruff: noqa: E501  (one family of phrases stays on one line)
"""What a candidate says to steer the conversation, by language.

Every entry is a regular expression that must match the *whole* of a short utterance once it is lower-cased, freed of
punctuation and apostrophes, and stripped of polite words at both ends; so an answer that merely holds such words
("we had to stop the deployment") never matches. `yes` and `no` are searched for anywhere instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Command(StrEnum):
    """A wish about the conversation itself. The values are the `control` names of the page's buttons."""

    REPEAT = "repeat"
    REPHRASE = "rephrase"
    SLOWER = "slower"
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    DONE = "done"
    STOP = "stop"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's ways to say it."""

    polite: tuple[str, ...]  # stripped from both ends, longest first
    fillers: frozenset[str]  # words that hold no answer by themselves
    commands: Mapping[Command, tuple[str, ...]]
    yes_although: tuple[str, ...]  # look like a no and are a yes: "no problem"
    yes: tuple[str, ...]
    no: tuple[str, ...]
    declines: tuple[str, ...]  # "I don't know"
    finished: tuple[str, ...]  # "no, no questions"


_THAT = r"(that|it|this|the( last| previous)? (question|one|part|bit))"
_THIS_ONE = r"(this|that|it|this one|that one|the question|this question|that question|one)"

ENGLISH = Phrases(
    polite=(
        "please", "sorry", "im sorry", "excuse me", "okay", "ok", "alright", "all right", "right", "um", "uh", "er", "erm", "hmm",
        "well", "so", "oh", "ah", "hey", "hi", "hello", "actually", "thanks", "thank you", "i think", "could you", "can you",
        "would you", "will you", "could we", "can we", "shall we", "may we", "could i", "can i", "may i", "lets", "let us",
        "id like to", "i would like to", "i want to", "id like you to", "i would like you to", "i want you to", "i wanna",
        "would you mind", "do you mind", "would it be possible to", "is it possible to", "is it okay if we", "is it ok if we",
        "i need you to", "i need to", "just", "maybe", "perhaps", "possibly", "if possible", "if you can", "if you could",
        "for me", "now", "then", "and", "but", "yeah", "viva", "kindly",
    ),
    fillers=frozenset(
        "um uh uhm umm er erm hmm hm mm mmm mhm mmhm ah oh okay ok alright right well so yeah sure thanks thank you great "
        "good cool nice fine i see got it hello hi hey and but like".split()
    ),
    commands={
        Command.REPEAT: (
            rf"(repeat|repeating)( {_THAT})?( again| once more| one more time| once again)?",
            rf"(say|saying|ask|asking|read) ({_THAT}|me {_THAT}|me) (again|once more|one more time|once again)",
            rf"hear {_THAT}( again| once more| one more time)?",
            r"(one more time|once more|once again|come again|again|pardon|pardon me|beg your pardon|i beg your pardon|sorry what)",
            r"what (was|is|were) (that|the( last)? question|your question|it|the question again|that again|you saying)",
            r"what did you (say|ask|just say|just ask)( me)?",
            r"(i )?(didnt|did not|couldnt|could not|cant|cannot) (quite |really |properly )?(catch|hear|get) (that|you|it|the question|what you said)"
            r"( (properly|very well|well|clearly|at all))?",
            r"(i )?missed (that|it|the question|what you said)",
        ),
        Command.REPHRASE: (
            rf"(rephrase|reformulate|reword|paraphrase|clarify|explain|rephrasing|rewording|clarifying)( {_THAT})?( a bit| a little)?( more)?",
            rf"(put|putting|say|saying|ask|asking|phrase|phrasing) {_THAT} (differently|another way|(in )?a different way|in other words|in another way|more simply)",
            r"what (do|did) you mean( by (that|it|this))?",
            r"(i )?(dont|do not|didnt|did not) (really |quite |fully )?(understand|get|follow)( (that|it|the question|what you mean|what you are asking|what youre asking))?",
            r"im not sure (what you mean|i understand( the question)?|what youre asking|what you are asking)",
            r"what (exactly )?are you asking( me)?",
        ),
        Command.SLOWER: (
            r"(a bit |a little |a little bit |more )?(slower|slowly)",
            r"slow( it)? down( a (bit|little))?",
            r"(speak|talk|go|talking|speaking) (a bit |a little |a little bit |more |much )*(slower|slowly)",
            r"(youre|you are) (speaking|talking|going) (a bit |a little |way |much )*too (fast|quickly)( for)?",
            r"(thats|that was|that is) (a bit |a little )?too (fast|quick)( for)?",
        ),
        Command.PAUSE: (
            r"(give me|i need|have|take|let me have|let me take|ill need|i will need) (just )?(a|one|another|some) "
            r"(few )?(short |brief |little |quick )?(moments?|seconds?|secs?|minutes?|mins?|time)( to think| to think about (it|that|this)| to think it over)?",
            r"(one|a|just a|half a) (moment|second|sec|minute)( to think)?",
            r"(hold on|hang on|wait)( (a|one) (moment|second|sec|minute))?",
            r"(let me|ill have to|i have to|i need to|need to|have to) think( (about (it|that|this|that one)|for a (moment|second|minute|sec)|a (moment|second|minute)))?( for a (moment|second|minute|sec))?",
            r"(take|pause for|pause|have) (a|one|the)? ?(short |quick )?(break|moment|second|minute)?",
            r"bear with me",
        ),
        Command.RESUME: (r"(im ready|ready|i am ready|go on|continue|carry on|resume|lets continue|lets go on)",),
        Command.SKIP: (
            rf"(skip|skipping)( over)?( {_THIS_ONE})?",
            r"(move on|moving on|go on|go|move|skip)( to)? (the )?next( question| one)?",
            r"move on( from (this|that|here))?",
            r"(the )?next( question| one)?",
            rf"leave {_THIS_ONE} out",
            r"(id|i would) (rather|prefer)( to)? (not|skip)( to)?( answer| say| talk about)?( that| this| it)?( one| question)?",
            r"prefer not to (answer|say)( that| this)?( one| question)?",
        ),
        Command.DONE: (
            r"(im|i am|ive|i have) (done|finished)( (here|with (that|this|my answer|the answer)|answering))?",
            r"(thats|that is|that was) (it|all|everything|my answer|about it|basically it|pretty much it|all i have|all ive got)( (from me|really))?",
            r"(done|finished|thats all from me|nothing (more|else) to (add|say))",
            r"(i have|ive got|theres|there is) nothing (more|else|further)( to (add|say))?",
        ),
        Command.STOP: (
            r"(stop|end|quit|finish|terminate|cancel|abort|leave|stopping|ending)( (the|this|our))? (interview|call|conversation|session|meeting)( (here|there|now|early))?",
            r"stop( (here|it|this|now|everything|talking to me))?",
            r"(i (dont|do not) want to|i cant|i cannot) (continue|go on|carry on|do this)( (the|this|with (the|this)) (interview|call))?( anymore| any more| any longer| now)?",
            r"(hang up|quit|im leaving|i have to go|i have to leave|i need to go|have to go|i must go|i need to leave)( now)?",
        ),
        Command.HUMAN: (
            r"(talk|speak|talking|speaking|switch|transfer me|connect me|put me through|be interviewed|get me)( (to|with|by))? "
            r"(a|an|some|the|any|one of the)? ?(real |actual |live )?(human|humans|person|people|human being|recruiter|someone|somebody|someone real|interviewer)( being)?( instead| from the team| at the company)?",
            r"(a |get a |have a |i prefer a |i would prefer a |id prefer a |id rather have a )?(real |actual )?(human|person|human being)( interviewer)?( instead)?",
            r"is there (a|any|some) (real |actual )?(human|person|one) (i can|to) (talk|speak)( to| with)?",
        ),
    },
    yes_although=(
        r"no problem( at all)?", r"not a problem", r"no objections?", r"no worries", r"why not",
        r"(dont|do not|wouldnt|would not) mind", r"no issues?", r"no concerns", r"cant complain",
        r"(have )?nothing against (it|that)",
    ),
    yes=(
        r"yes", r"yeah", r"yep", r"yup", r"ya", r"aye", r"sure", r"okay", r"ok", r"of course", r"certainly", r"absolutely", r"definitely",
        r"go ahead", r"(thats|that is|its|it is|im|i am|all) (fine|okay|ok|alright|all right|good|great|cool)", r"fine (by|with) me",
        r"i (do )?(agree|consent|accept|approve|give (you )?(my )?consent)", r"you (may|can|have my (consent|permission))", r"sounds good",
        r"im happy (to|with)", r"happy to", r"lets (go|begin|start|do it|do this)", r"i do", r"please do", r"fine", r"alright", r"all right",
        r"correct", r"right", r"i am", r"by all means", r"feel free", r"exactly",
    ),
    no=(
        r"no", r"nope", r"nah", r"not", r"never", r"dont", r"do not", r"wont", r"cant", r"cannot", r"disagree", r"refuse", r"decline",
        r"(rather|prefer) not", r"object", r"stop", r"uncomfortable", r"against", r"negative", r"wouldnt", r"didnt", r"without",
    ),
    declines=(
        r"(i )?(really |honestly )?(dont|do not) (really |actually )?know( (that|this|it|what to say|how to answer( that)?|the answer))?", r"(i have |ive )?no (idea|clue|comment|example)",
        r"(im |i am )?(not|really not) (so |quite |really )?sure( about (that|this|it))?", r"pass", r"ill pass( on (that|this)( one)?)?", r"i pass", r"no", r"nope", r"none", r"nothing",
        r"not really", r"never", r"(i )?(cant|cannot|couldnt) (really )?(think of|remember|recall)( (one|any|anything|an example|that|it|a situation))?( right now| at the moment)?",
        r"nothing (really )?comes to mind( right now)?", r"(i )?(dont|do not) (really )?have (one|any|anything|an (example|answer)|a good (example|answer))( for (that|this|you))?",
        r"(i )?(dont|do not) (really )?(remember|recall)", r"i havent", r"i (have )?never (done|did|had) (that|this|it)", r"no (i )?(dont|havent|i cant)", r"not that i (know of|can think of|remember)",
    ),
    finished=(
        r"no", r"nope", r"none", r"nothing", r"nah", r"not really", r"nothing (else|more|further|really|from me)( from me)?", r"no (more |further |other )?questions?( from me)?",
        r"no (i )?(dont|do not)( have (any|any more|anything)( questions?)?)?", r"no (im|i am|were|thats|that is|it is|its) (all )?(good|fine|okay|ok|set|all|it|everything)( for now)?",
        r"(im|i am) (all )?(good|fine|okay|ok|set|done)( for now)?", r"(i )?(dont|do not) (have|think so)( (any|any more|anything))?( (questions?|else))?( (for you|to ask))?", r"(thats|that is|that was|that will be) (all|it|everything)( from me| for now| i (have|wanted to know))?",
        r"no nothing( else| more| from me)?( from me)?", r"no (not )?(for now|at the moment|right now)", r"i have no( more| further| other)? questions?( for you| at the moment)?", r"(no )?(that )?(everything|all) (is|was)? ?(clear|covered|answered)",
        r"not (at the moment|right now|for now|at this point|today)",
    ),
)

GERMAN = Phrases(
    polite=("bitte", "entschuldigung", "könnten sie", "können sie", "kannst du", "könnten wir", "können wir", "würden sie", "ich möchte",
            "ich würde gerne", "ich würde gern", "äh", "ähm", "also", "okay", "ok", "ja", "danke", "mal", "vielleicht", "jetzt", "nun", "mir", "das", "es"),
    fillers=frozenset("äh ähm hm hmm mhm also okay ok gut danke genau naja tja und so ach".split()),
    commands={
        Command.REPEAT: (r"(die (letzte )?frage )?(noch einmal|nochmal|noch mal)( (sagen|wiederholen|stellen|fragen))?( die frage)?", r"(das |die frage |die letzte frage )?wiederholen( die frage)?", r"wie bitte",
                         r"(was|wie) (war|lautet|ist) die frage( nochmal)?", r"(ich habe |das habe ich )?(das |sie )?(leider )?nicht (verstanden|gehört)"),
        Command.REPHRASE: (r"(die frage )?(anders|umformulieren|anders (sagen|formulieren|ausdrücken|fragen))", r"was meinen sie( damit)?", r"(ich verstehe )?die frage (verstehe ich )?nicht"),
        Command.SLOWER: (r"(etwas |ein bisschen |ein wenig )?langsamer( sprechen| reden)?",),
        Command.PAUSE: (r"(einen|ein) (moment|augenblick|sekunde)", r"(eine|ne) (sekunde|minute)", r"(einen )?(kleinen )?moment", r"(ich brauche|geben sie) (kurz )?(einen|eine|etwas) (moment|zeit|minute|sekunde)( zeit)?( zum nachdenken)?",
                        r"(ich muss|lassen sie mich) (kurz |einen moment )?(nachdenken|überlegen)", r"warten sie( kurz)?"),
        Command.RESUME: (r"(ich bin )?(so weit|soweit|bereit)", r"weitermachen"),
        Command.SKIP: (r"(die |diese )?(frage )?(überspringen|auslassen)( wir)?( die frage| diese frage)?", r"(zur )?nächsten? frage", r"weiter( zur nächsten( frage)?)?"),
        Command.DONE: (r"(ich bin |bin )fertig", r"das (war|wars|ist) alles", r"das wars", r"mehr habe ich nicht"),
        Command.STOP: (r"(das |dieses )?(interview|gespräch|vorstellungsgespräch) (jetzt )?(beenden|abbrechen|stoppen)", r"(stopp|stop|aufhören|abbrechen)", r"(beenden|stoppen) sie das (interview|gespräch)", r"ich möchte (aufhören|abbrechen)"),
        Command.HUMAN: (r"(mit )?(einem|einen|ein) (echten )?(menschen|mensch|mitarbeiter)( sprechen| reden)?",),
    },
    yes_although=(r"kein problem", r"keine einwände", r"nichts dagegen", r"warum nicht"),
    yes=(r"ja", r"jawohl", r"gerne?", r"okay", r"ok", r"einverstanden", r"natürlich", r"klar", r"sicher", r"in ordnung", r"passt", r"stimme zu", r"richtig"),
    no=(r"nein", r"nee?", r"nicht", r"kein(e|en)?", r"lieber nicht", r"ablehnen", r"lehne ab"),
    declines=(r"(das )?weiß ich (leider )?nicht", r"(ich )?weiß (es |das )?(leider )?nicht", r"keine ahnung", r"nein", r"nee", r"nichts", r"da fällt mir nichts ein", r"mir fällt nichts ein", r"passe"),
    finished=(r"nein( danke)?", r"keine( weiteren)?( fragen)?( mehr)?", r"nein (ich habe )?keine( weiteren)?( fragen)?( mehr)?", r"(nein )?das (war|wars|ist) alles", r"alles klar", r"nichts mehr", r"im moment nicht"),
)

SPANISH = Phrases(
    polite=("por favor", "perdón", "perdona", "disculpe", "puede", "podría", "puedes", "podrías", "podemos", "quiero", "quisiera", "me gustaría", "eh", "bueno", "pues", "vale", "sí", "gracias", "ahora"),
    fillers=frozenset("eh em mmm hm bueno pues vale gracias bien ya ok okay claro".split()),
    commands={
        Command.REPEAT: (r"(repetir|repita|repetirlo|repetirla|repite)( (la|esa|eso) ?(pregunta)?)?( otra vez)?", r"otra vez", r"cómo", r"(cuál|qué) (era|es) la pregunta", r"no (le |te )?(he )?(oído|escuchado|escuché|oí)( bien)?", r"(decirlo|decir eso) otra vez"),
        Command.REPHRASE: (r"(reformular|explicar|explicarlo|decirlo|preguntarlo)( la pregunta)?( de otra (forma|manera))?", r"de otra (forma|manera)", r"no (entiendo|he entendido|entendí)( la pregunta)?", r"qué quiere decir"),
        Command.SLOWER: (r"(hablar |habla |hable )?más (despacio|lento)",),
        Command.PAUSE: (r"(un|deme un|dame un|espere un|necesito un) (momento|segundo|minuto|momentito)( para pensar)?", r"(déjeme|déjame) pensar( un momento)?", r"espere?( un (momento|segundo))?"),
        Command.RESUME: (r"(estoy )?listo", r"(estoy )?lista", r"continuar", r"sigamos"),
        Command.SKIP: (r"(saltar|saltemos|omitir|pasar)( (esta|la|esa) (pregunta)?)?", r"(la )?siguiente( pregunta)?", r"pasar a la siguiente( pregunta)?"),
        Command.DONE: (r"(ya )?(he terminado|terminé)", r"eso es todo", r"nada más"),
        Command.STOP: (r"(terminar|parar|acabar|detener|finalizar|dejar)( (la|esta))? (entrevista|llamada)", r"(parar|pare|detente|deténgase)"),
        Command.HUMAN: (r"(hablar )?(con )?(una|un) (persona|humano|ser humano)( real)?",),
    },
    yes_although=(r"no hay (ningún )?problema", r"no me importa", r"no tengo (ningún )?(problema|inconveniente)", r"por qué no", r"sin problema"),
    yes=(r"sí", r"si", r"claro", r"vale", r"de acuerdo", r"por supuesto", r"acepto", r"adelante", r"está bien", r"ok", r"okay", r"perfecto"),
    no=(r"no", r"nunca", r"rechazo", r"tampoco", r"prefiero que no"),
    declines=(r"no (lo )?sé", r"ni idea", r"no tengo (ni )?idea", r"no", r"nada", r"paso", r"no (me )?(acuerdo|recuerdo)", r"no se me ocurre( nada)?"),
    finished=(r"no( gracias)?", r"no (tengo )?(más )?(preguntas|nada más)?", r"(no )?ninguna( pregunta)?", r"(no )?eso es todo", r"(no )?nada más", r"por ahora no"),
)

FRENCH = Phrases(
    polite=("sil vous plaît", "sil te plaît", "pardon", "excusez moi", "désolé", "désolée", "pouvez vous", "pourriez vous", "est ce que vous pouvez", "est ce quon peut", "on peut", "je voudrais", "jaimerais", "je veux", "euh", "alors", "bon", "ok", "daccord", "merci", "oui", "maintenant"),
    fillers=frozenset("euh heu hum hm mmm bon alors ok okay merci bien voilà donc ah oh".split()),
    commands={
        Command.REPEAT: (r"(répéter|répétez|redire|redites|répète)( (la|cette|votre) question| ça| cela)?( encore une fois)?", r"(encore une fois|comment|pardon)", r"(cétait quoi|quelle était|quelle est) la question", r"je nai pas (bien )?(entendu|compris ce que vous avez dit)"),
        Command.REPHRASE: (r"(reformuler|reformulez|expliquer)( (la|cette|votre) question)?", r"(le )?dire autrement", r"(la )?poser autrement", r"je (ne )?(comprends|nai) pas( compris)?( la question)?", r"je nai pas compris( la question)?", r"que voulez vous dire"),
        Command.SLOWER: (r"(parler |parlez )?(un peu )?(plus lentement|moins vite)",),
        Command.PAUSE: (r"(un|donnez moi un|jai besoin dun|attendez un|juste un) (petit )?(moment|instant|seconde|minute)", r"une (seconde|minute)", r"(laissez moi|je dois) réfléchir( un (moment|instant))?", r"attendez( un (moment|instant|peu))?"),
        Command.RESUME: (r"je suis prête?", r"continuons", r"continuer"),
        Command.SKIP: (r"(passer|sauter|passons)( (cette|la) question)?", r"(la )?(question suivante|suivante?)", r"(passer|passons) à la (question )?suivante"),
        Command.DONE: (r"jai (terminé|fini)", r"cest tout", r"cest bon pour moi"),
        Command.STOP: (r"(arrêter|terminer|arrêtez|finir)( (l|cet|cette|la) ?(entretien|appel|interview))?", r"(arrêter|terminer|arrêtez|finir) l ?(entretien|appel|interview)", r"(stop|arrêtez)"),
        Command.HUMAN: (r"(parler )?(à|avec) (un|une) (vraie? )?(humain|personne|être humain)",),
    },
    yes_although=(r"pas de (problème|souci)", r"aucun (problème|souci)", r"pourquoi pas", r"pas dobjection"),
    yes=(r"oui", r"ouais", r"daccord", r"bien sûr", r"ok", r"okay", r"jaccepte", r"allez y", r"volontiers", r"cest bon", r"parfait"),
    no=(r"non", r"pas", r"jamais", r"refuse", r"aucun"),
    declines=(r"(je )?(ne )?sais pas", r"(je nai )?aucune idée", r"non", r"rien", r"je passe", r"je ne me souviens pas", r"rien ne me vient"),
    finished=(r"non( merci)?", r"(non )?(pas|aucune|plus)( de)? questions?", r"(non )?je nai pas( dautres?)?( de)? questions?", r"(non )?cest tout", r"(non )?rien( dautre| de plus)?", r"pas pour (le moment|linstant)"),
)

PHRASES: Mapping[str, Phrases] = {"en": ENGLISH, "de": GERMAN, "es": SPANISH, "fr": FRENCH}


def phrases_for(language: str) -> Phrases:
    """The phrases of `language` (ISO 639-1); English where there are none, since many candidates fall back to it."""
    return PHRASES.get(language, ENGLISH)
