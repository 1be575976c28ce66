# ruff: noqa: E501  (one phrase family a line)
"""What a candidate says in German; `Phrases` explains the parts."""

from bot.interview.phrases.form import Command, Phrases, each, one_by_one

GERMAN = Phrases(
    please=each(
        r"""
        bitte
        """
    ),
    polite=each(
        r"""
        bitte
        entschuldigung
        könnten sie
        können sie
        kannst du
        könnten wir
        können wir
        würden sie
        ich möchte
        ich würde gerne
        ich würde gern
        äh
        ähm
        also
        okay
        ok
        ja
        danke
        vielen dank
        danke schön
        mal
        vielleicht
        jetzt
        nun
        mir
        das
        es
        """
    ),
    fillers=one_by_one(
        """
        ach also danke genau gut hm hmm mhm naja ok okay so tja und äh ähm
        """
    ),
    commands={
        Command.REPEAT: each(
            r"""
        (die (letzte )?frage )?(noch einmal|nochmal|noch mal)( (sagen|wiederholen|stellen|fragen))?( die frage)?
        (das |die frage |die letzte frage )?wiederholen( die frage)?
        wie bitte
        (was|wie) (war|lautet|ist) die frage( nochmal)?
        (ich habe |das habe ich )?(das |sie )?(leider )?nicht (verstanden|gehört)
        """
        ),
        Command.REPHRASE: each(
            r"""
        (die frage )?(anders|umformulieren|anders (sagen|formulieren|ausdrücken|fragen))
        was meinen sie( damit| mit \w+( \w+){0,3})?
        (ich verstehe )?die frage (verstehe ich )?nicht
        """
        ),
        Command.SLOWER: each(
            r"""
        (etwas |ein bisschen |ein wenig )?langsamer( sprechen| reden)?
        """
        ),
        Command.PAUSE: each(
            r"""
        (einen|ein) (moment|augenblick|sekunde)
        (eine|ne) (sekunde|minute)
        (einen )?(kleinen )?moment
        (ich brauche|geben sie) (kurz )?(einen|eine|etwas) (moment|zeit|minute|sekunde)( zeit)?( zum nachdenken)?
        (ich muss|lassen sie mich) (kurz |einen moment )?(nachdenken|überlegen)
        warten sie( kurz)?
        """
        ),
        Command.RESUME: each(
            r"""
        (ich bin )?(so weit|soweit|bereit)
        weitermachen
        """
        ),
        Command.SKIP: each(
            r"""
        (die |diese )?(frage )?(überspringen|auslassen)( wir)?( die frage| diese frage)?
        (zur )?nächsten? frage
        weiter( zur nächsten( frage)?)?
        (das )?(möchte|würde|will) ich (das )?lieber nicht (sagen|beantworten)
        (kann ich|können wir)? ?(später )?(darauf|auf die frage) (später )?zurückkommen
        """
        ),
        Command.DONE: each(
            r"""
        (ich bin |bin )fertig
        das (war|wars|ist) alles( (von mir|von meiner seite|was ich (habe|dazu (habe|sagen kann)|sagen kann)))?
        das wars( von mir)?
        mehr habe ich (dazu )?nicht( (dazu )?(zu sagen|hinzuzufügen))?
        (nein )?((ich habe|da habe ich|dazu habe ich|habe ich) )?(dazu |da )?(sonst |leider )?nichts (mehr |weiter |weiteres )?(dazu )?(hinzu ?zu ?fügen|zu (ergänzen|sagen)|beizutragen)
        """
        ),
        Command.STOP: each(
            r"""
        (das |dieses )?(interview|gespräch|vorstellungsgespräch) (jetzt )?(beenden|abbrechen|stoppen)
        (stopp|stop|aufhören|abbrechen)
        (beenden|stoppen) sie das (interview|gespräch)
        ich möchte (aufhören|abbrechen)
        """
        ),
        Command.HUMAN: each(
            r"""
        (mit )?(einem|einen|ein) (echten )?(menschen|mensch|mitarbeiter)( sprechen| reden)?
        """
        ),
    },
    yes_although=each(
        r"""
        (gar |überhaupt )?(kein|keine|keinerlei) (problem|probleme|einwand|einwände|bedenken|thema)
        (spricht |habe |hab )?(gar |überhaupt )?nichts dagegen
        nicht dagegen
        (stört|störts) mich (gar |überhaupt )?nicht
        macht (mir )?(gar )?nichts( aus)?
        warum nicht
        """
    ),
    yes=each(
        r"""
        ja
        jawohl
        gerne?
        okay
        ok
        einverstanden
        natürlich
        klar
        sicher
        in ordnung
        passt
        ^(sehr |alles )?(gut|perfekt|genau)$
        von mir aus
        meinetwegen
        geht klar
        geht in ordnung
        (ich )?(denke|glaube|schätze) schon
        machen (sie|wir) (nur|ruhig|so|das so|weiter)
        legen sie los
        stimme zu
        richtig
        """
    ),
    no=each(
        r"""
        nein
        nee?
        nicht
        kein(e|en)?
        lieber nicht
        dagegen
        ablehnen
        lehne ab
        """
    ),
    negated=each(
        r"""
        (passt (mir |uns )?)?nicht \w+
        passt (mir |uns )?nicht
        """
    ),
    unsure=each(
        r"""
        nicht (so |ganz |wirklich )?sicher
        weiß (ich )?(es |das )?(leider )?(nicht|noch nicht)
        (verstehe|verstanden) (ich )?(das |es |sie )?(leider )?nicht
        nicht verstanden
        keine ahnung
        """
    ),
    declines=each(
        r"""
        (das )?weiß ich (leider )?nicht
        (ich )?weiß (es |das )?(leider )?nicht
        keine ahnung
        nein
        nee
        nichts
        da fällt mir nichts ein
        mir fällt nichts ein
        passe
        """
    ),
    finished=each(
        r"""
        nein( danke)?
        keine( weiteren)?( fragen)?( mehr)?
        nein (ich habe )?keine( weiteren)?( fragen)?( mehr)?
        (nein )?das (war|wars|ist) alles
        alles klar
        nichts mehr
        im moment nicht
        (nein )?ich glaube nicht
        """
    ),
    begins_no=each(
        r"""
        nein
        nee
        nö
        keine
        nichts (mehr|weiter)
        eigentlich (nicht|keine)
        (im moment|gerade|momentan|derzeit|aktuell) (nicht|keine)
        """
    ),
    asking=each(
        r"""
        was
        wann
        wo
        woher
        wohin
        wer
        wen
        wem
        wie(?! gesagt)
        wie ?viele?
        warum
        wieso
        weshalb
        welche[rsnm]?
        ob
        aber (?!(vielen |herzlichen )?dank)
        (gibt|ist|sind|wird|werden|hat|haben|kann|könnte|können|muss|darf) (es|das|die|der|sie|ich|man|wir)(?! (alles|nicht|keine))
        (sagen|erzählen|erklären) sie
        (interessiert|interessieren) (mich|würde)
        """
    ),
)
