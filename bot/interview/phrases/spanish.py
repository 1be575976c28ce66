# ruff: noqa: E501  (one phrase family a line)
"""What a candidate says in Spanish; `Phrases` explains the parts."""

from bot.interview.phrases.form import Command, Phrases, each, one_by_one

SPANISH = Phrases(
    please=each(
        r"""
        por favor
        """
    ),
    polite=each(
        r"""
        por favor
        perdón
        perdona
        disculpe
        puede
        podría
        puedes
        podrías
        podemos
        quiero
        quisiera
        me gustaría
        eh
        bueno
        pues
        vale
        sí
        gracias
        muchas gracias
        ahora
        """
    ),
    fillers=one_by_one(
        """
        bien bueno claro eh em gracias hm mmm ok okay pues vale ya
        """
    ),
    commands={
        Command.REPEAT: each(
            r"""
        (repetir|repita|repetirlo|repetirla|repite)( (la|esa|eso) ?(pregunta)?)?( otra vez)?
        otra vez
        cómo
        (cuál|qué) (era|es) la pregunta
        no (le |te )?(he )?(oído|escuchado|escuché|oí)( bien)?
        (decirlo|decir eso) otra vez
        """
        ),
        Command.REPHRASE: each(
            r"""
        (reformular|explicar|explicarlo|decirlo|preguntarlo)( la pregunta)?( de otra (forma|manera))?
        de otra (forma|manera)
        no (entiendo|he entendido|entendí)( la pregunta)?
        qué quiere decir( con \w+( \w+){0,3})?
        """
        ),
        Command.SLOWER: each(
            r"""
        (hablar |habla |hable )?más (despacio|lento)
        """
        ),
        Command.PAUSE: each(
            r"""
        (un|deme un|dame un|espere un|necesito un) (momento|segundo|minuto|momentito)( para pensar)?
        (déjeme|déjame) pensar( un momento)?
        espere?( un (momento|segundo))?
        """
        ),
        Command.RESUME: each(
            r"""
        (estoy )?listo
        (estoy )?lista
        continuar
        sigamos
        """
        ),
        Command.SKIP: each(
            r"""
        (saltar|saltemos|omitir|pasar)( (esta|la|esa) (pregunta)?)?
        (la )?siguiente( pregunta)?
        pasar a la siguiente( pregunta)?
        prefiero no (decirlo|contestar|responder)( a eso)?
        (puedo |podemos )?volver a (esto|eso|la pregunta) (más tarde|después|luego)
        """
        ),
        Command.DONE: each(
            r"""
        (ya )?(he terminado|terminé)
        (no )?eso es todo( (por mi parte|lo que (tengo|puedo decir|tengo que decir)))?
        (no )?nada más
        (no )?((yo )?no tengo )?nada (más )?(que|para|por) (añadir|agregar|decir|aportar)( (al respecto|sobre (eso|esto)|a (eso|esto)))?
        no tengo más (que|para|por) (añadir|agregar|decir|aportar)
        """
        ),
        Command.STOP: each(
            r"""
        (terminar|parar|acabar|detener|finalizar|dejar)( (la|esta))? (entrevista|llamada)
        (parar|pare|detente|deténgase)
        """
        ),
        Command.HUMAN: each(
            r"""
        (hablar )?(con )?(una|un) (persona|humano|ser humano)( real)?
        """
        ),
    },
    yes_although=each(
        r"""
        (no (hay|tengo|veo|es) )?(ningún |ninguna )(problema|inconveniente|objeción)
        no (hay|tengo|veo|es) (un )?(problemas?|inconvenientes?|objeción|objeciones)
        no me (importa|molesta|opongo)
        no (estoy|tengo nada) en contra
        no pasa nada
        por qué no
        sin (problemas?|inconvenientes?|objeción|objeciones)
        """
    ),
    yes=each(
        r"""
        sí
        si
        claro
        vale
        de acuerdo
        por supuesto
        acepto
        adelante
        está bien
        ok
        okay
        perfecto
        ^(muy )?(bien|genial)$
        me (va|viene|parece) bien
        """
    ),
    no=each(
        r"""
        no
        nunca
        rechazo
        en contra
        tampoco
        prefiero que no
        """
    ),
    negated=each(
        r"""
        no (estoy|me parece|acepto|quiero|está)( \w+){0,2}
        """
    ),
    unsure=each(
        r"""
        no (lo )?sé
        no (lo )?(entiendo|entendí|he entendido)
        no estoy (muy |del todo )?segur[oa]
        ni idea
        """
    ),
    declines=each(
        r"""
        no (lo )?sé
        ni idea
        no tengo (ni )?idea
        no
        nada
        paso
        no (me )?(acuerdo|recuerdo)
        no se me ocurre( nada)?
        """
    ),
    finished=each(
        r"""
        no( gracias)?
        no (tengo )?(más )?(preguntas|nada más)?
        (no )?ninguna( pregunta)?
        (no )?eso es todo
        (no )?nada más
        por ahora no
        (no )?creo que no
        """
    ),
    begins_no=each(
        r"""
        no(?! (sé|se|lo|la|los|las|le|he|ha|han|había|entiendo|entendí|está|están|estoy|es|son|puedo|podría|tenía)\b| me(?! queda)| hay(?! (nada|más|ninguna|preguntas)))
        ninguna
        nada más
        (por ahora|de momento|por el momento) (no|nada|ninguna)
        """
    ),
    asking=each(
        r"""
        qué
        cuál(es)?
        cuándo
        cuánt[oa]s?
        dónde
        quién(es)?
        cómo
        pero(?! (muchas )?gracias)
        (gustaría|quisiera|quería|quiero|puedo|puede|podría) (saber|preguntar|conocer|decirme|explicarme)
        """
    ),
)
