# ruff: noqa: E501  (one phrase family a line)
"""What a candidate says in French; `Phrases` explains the parts."""

from bot.interview.phrases.form import Command, Phrases, each, one_by_one

FRENCH = Phrases(
    please=each(
        r"""
        sil vous plaît
        sil te plaît
        """
    ),
    polite=each(
        r"""
        sil vous plaît
        sil te plaît
        pardon
        excusez moi
        désolé
        désolée
        pouvez vous
        pourriez vous
        est ce que vous pouvez
        est ce quon peut
        on peut
        je voudrais
        jaimerais
        je veux
        euh
        alors
        bon
        ok
        daccord
        merci
        merci beaucoup
        oui
        maintenant
        """
    ),
    fillers=one_by_one(
        """
        ah alors bien bon donc euh heu hm hum merci mmm oh ok okay voilà
        """
    ),
    commands={
        Command.REPEAT: each(
            r"""
        (répéter|répétez|redire|redites|répète)( (la|cette|votre) question| ça| cela)?( encore une fois)?
        (encore une fois|comment|pardon)
        (cétait quoi|quelle était|quelle est) la question
        je nai pas (bien )?(entendu|compris ce que vous avez dit)
        """
        ),
        Command.REPHRASE: each(
            r"""
        (reformuler|reformulez|expliquer)( (la|cette|votre) question)?
        (le )?dire autrement
        (la )?poser autrement
        je (ne )?(comprends|nai) pas( compris)?( la question)?
        je nai pas compris( la question)?
        que voulez vous dire( par \w+( \w+){0,3})?
        """
        ),
        Command.SLOWER: each(
            r"""
        (parler |parlez )?(un peu )?(plus lentement|moins vite)
        """
        ),
        Command.PAUSE: each(
            r"""
        (un|donnez moi un|jai besoin dun|attendez un|juste un) (petit )?(moment|instant|seconde|minute)
        une (seconde|minute)
        (laissez moi|je dois) réfléchir( un (moment|instant))?
        attendez( un (moment|instant|peu))?
        """
        ),
        Command.RESUME: each(
            r"""
        je suis prête?
        continuons
        continuer
        """
        ),
        Command.SKIP: each(
            r"""
        (passer|sauter|passons)( (cette|la) question)?
        (la )?(question suivante|suivante?)
        (passer|passons) à la (question )?suivante
        je préfère ne pas (répondre|le dire)
        ((puis je|est ce que je peux|on peut|je peux) )?y revenir plus tard
        """
        ),
        Command.DONE: each(
            r"""
        jai (terminé|fini)
        (non )?(cest|voilà|ce sera) tout( (pour moi|de mon côté|ce que jai( à dire)?|ce que je peux (en )?dire))?
        cest bon pour moi
        (non )?((je nai|jai|il ny a|il y a) )?(vraiment )?rien (de plus |dautre |de particulier )?à (ajouter|dire|rajouter)( (de plus|là dessus|à ce sujet|sur ce point))?
        """
        ),
        Command.STOP: each(
            r"""
        (arrêter|terminer|arrêtez|finir)( (l|cet|cette|la) ?(entretien|appel|interview))?
        (arrêter|terminer|arrêtez|finir) l ?(entretien|appel|interview)
        (stop|arrêtez)
        """
        ),
        Command.HUMAN: each(
            r"""
        (parler )?(à|avec) (un|une) (vraie? )?(humain|personne|être humain)
        """
        ),
    },
    yes_although=each(
        r"""
        pas (de|un) (problèmes?|soucis?)
        (pas d ?|aucune? )(objection|inconvénient)s?
        aucun (problème|souci)
        (vois|ai|nai) (rien|pas|aucun) contre
        rien contre
        pas (contre|opposée?)
        my oppose pas
        me (dérange|gêne) pas( du tout)?
        pourquoi pas
        """
    ),
    yes=each(
        r"""
        oui
        ouais
        daccord
        bien sûr
        ok
        okay
        jaccepte
        allez y
        volontiers
        cest bon
        parfait
        sans (problème|souci)
        avec plaisir
        ^(très bien|(bien )?entendu|ça va)$
        (ça|cela) me (va|convient)
        ça marche
        """
    ),
    no=each(
        r"""
        non
        pas
        jamais
        refuse
        (?<!par )contre
        aucun
        """
    ),
    negated=each(
        r"""
        pas \w+
        naccepte
        """
    ),
    unsure=each(
        r"""
        pas (très |vraiment |tout à fait )?sûre?
        (sais|comprends) pas
        pas compris
        aucune idée
        """
    ),
    declines=each(
        r"""
        (je )?(ne )?sais pas
        (je nai )?aucune idée
        non
        rien
        je passe
        je ne me souviens pas
        rien ne me vient
        """
    ),
    finished=each(
        r"""
        non( merci)?
        (non )?(pas|aucune|plus)( de)? questions?
        (non )?je nai pas( dautres?)?( de)? questions?
        (non )?cest tout
        (non )?rien( dautre| de plus)?
        pas pour (le moment|linstant)
        (non )?je (ne )?(crois|pense) pas
        """
    ),
    begins_no=each(
        r"""
        non
        nan
        aucune
        plus de questions?
        pas (de questions?|pour (le moment|linstant)|vraiment)
        rien (de plus|dautre)
        """
    ),
    asking=each(
        r"""
        quel(le)?s?
        quoi
        quand
        où
        comment
        combien
        pourquoi
        qui (est|sera|sont)
        qu ?est ce
        est ce qu
        est ce que
        y a t il
        mais(?! merci)
        (jaimerais|jaurais aimé|je voudrais|je souhaiterais|je veux) (savoir|demander|connaître|bien savoir)
        (pouvez|pourriez) vous
        """
    ),
)
