# ruff: noqa: E501  (one phrase family a line)
"""What a candidate says in English; `Phrases` explains the parts."""

from bot.interview.phrases.form import Command, Phrases, each, one_by_one

ENGLISH = Phrases(
    please=each(
        r"""
        please
        kindly
        """
    ),
    polite=each(
        r"""
        please
        sorry
        im sorry
        excuse me
        okay
        ok
        alright
        all right
        right
        um
        uh
        er
        erm
        hmm
        well
        so
        oh
        ah
        hey
        hi
        hello
        actually
        thanks
        thank you
        thanks a lot
        many thanks
        thank you very much
        thank you so much
        i think
        could you
        can you
        would you
        will you
        could we
        can we
        shall we
        may we
        could i
        can i
        may i
        lets
        let us
        id like to
        i would like to
        i want to
        id like you to
        i would like you to
        i want you to
        i wanna
        would you mind
        do you mind
        would it be possible to
        is it possible to
        is it okay if we
        is it ok if we
        i need you to
        i need to
        just
        maybe
        perhaps
        possibly
        if possible
        if you can
        if you could
        for me
        now
        then
        and
        but
        yeah
        viva
        kindly
        """
    ),
    fillers=one_by_one(
        """
        ah alright and but cool er erm fine good got great hello hey hi hm hmm i it like mhm mm mmhm mmm
        nice oh ok okay right see so sure thank thanks uh uhm um umm well yeah you
        """
    ),
    commands={
        Command.REPEAT: each(
            r"""
        (repeat|repeating)( (that|it|this|the( last| previous)? (question|one|part|bit)))?( again| once more| one more time| once again)?
        (say|saying|ask|asking|read) ((that|it|this|the( last| previous)? (question|one|part|bit))|me (that|it|this|the( last| previous)? (question|one|part|bit))|me) (again|once more|one more time|once again)
        hear (that|it|this|the( last| previous)? (question|one|part|bit))( again| once more| one more time)?
        (one more time|once more|once again|come again|again|pardon|pardon me|beg your pardon|i beg your pardon|sorry what)
        what (was|is|were) (that|the( last)? question|your question|it|the question again|that again|you saying)
        what did you (say|ask|just say|just ask)( me)?
        (i )?(didnt|did not|couldnt|could not|cant|cannot) (quite |really |properly )?(catch|hear|get) (that|you|it|the question|what you said)( (properly|very well|well|clearly|at all))?
        (i )?missed (that|it|the question|what you said)
        """
        ),
        Command.REPHRASE: each(
            r"""
        (rephrase|reformulate|reword|paraphrase|clarify|explain|rephrasing|rewording|clarifying)( (that|it|this|the( last| previous)? (question|one|part|bit)))?( a bit| a little)?( more)?
        (put|putting|say|saying|ask|asking|phrase|phrasing) (that|it|this|the( last| previous)? (question|one|part|bit)) (differently|another way|(in )?a different way|in other words|in another way|more simply)
        what (do|did) you mean( by \w+( \w+){0,3})?
        (i )?(dont|do not|didnt|did not) (really |quite |fully )?(understand|get|follow)( (that|it|the question|what you mean|what you are asking|what youre asking))?
        im not sure (what you mean|i understand( the question)?|what youre asking|what you are asking)
        what (exactly )?are you asking( me)?
        """
        ),
        Command.SLOWER: each(
            r"""
        (a bit |a little |a little bit |more )?(slower|slowly)
        slow( it)? down( a (bit|little))?
        (speak|talk|go|talking|speaking) (a bit |a little |a little bit |more |much )*(slower|slowly)
        (youre|you are) (speaking|talking|going) (a bit |a little |way |much )*too (fast|quickly)( for)?
        (thats|that was|that is) (a bit |a little )?too (fast|quick)( for)?
        """
        ),
        Command.PAUSE: each(
            r"""
        (give me|i need|have|take|let me have|let me take|ill need|i will need) (just )?(a|one|another|some) (few )?(short |brief |little |quick )?(moments?|seconds?|secs?|minutes?|mins?|time)( to think| to think about (it|that|this)| to think it over)?
        (one|a|just a|half a) (moment|second|sec|minute)( to think)?
        (hold on|hang on|wait)( (a|one) (moment|second|sec|minute))?
        (let me|ill have to|i have to|i need to|need to|have to) think( (about (it|that|this|that one)|for a (moment|second|minute|sec)|a (moment|second|minute)))?( for a (moment|second|minute|sec))?
        (take|pause for|pause|have) (a|one|the)? ?(short |quick )?(break|moment|second|minute)?
        bear with me
        """
        ),
        Command.RESUME: each(
            r"""
        (im ready|ready|i am ready|go on|continue|carry on|resume|lets continue|lets go on)
        """
        ),
        Command.SKIP: each(
            r"""
        (skip|skipping)( over)?( (this|that|it|this one|that one|the question|this question|that question|one))?
        (move on|moving on|go on|go|move|skip)( to)? (the )?next( question| one)?
        move on( from (this|that|here))?
        (the )?next( question| one)?
        leave (this|that|it|this one|that one|the question|this question|that question|one) out
        (id|i would) (rather|prefer)( to)? (not|skip)( to)?( answer| say| talk about)?( that| this| it)?( one| question)?
        prefer not to (answer|say)( that| this)?( one| question)?
        (come|get|go) back to (that|it|this)( one| question)? later( on)?
        """
        ),
        Command.DONE: each(
            r"""
        (im|i am|ive|i have) (done|finished)( (here|with (that|this|my answer|the answer)|answering))?
        (thats|that is|that was) (it|all|everything|my answer|about it|basically it|pretty much it)( (from (me|my side)|really))?
        (thats|that is|that was) (all|everything)( that)? (i have|ive got|i can (say|add|think of))( (to (say|add)|really|for you))?( (on|to|about|for) (that|this|it)( (one|question))?)?
        (done|finished|thats all from me)
        (no )?((i|we) have|ive( got)?|theres|there is)? ?(really )?nothing (more |else |further |really )?to (add|say)( (here|from my side|(on|to|about) (that|this|it)( (one|question))?))?
        (i have|ive got|theres|there is) nothing (more|else|further)
        (no )?i (dont|do not) (really )?(have|think (i have|ive got|there is|theres)) anything (more |else |further )?to (add|say)( (here|from my side|(on|to|about) (that|this|it)( (one|question))?))?
        """
        ),
        Command.STOP: each(
            r"""
        (stop|end|quit|finish|terminate|cancel|abort|leave|stopping|ending)( (the|this|our))? (interview|call|conversation|session|meeting)( (here|there|now|early))?
        stop( (here|it|this|now|everything|talking to me))?
        (i (dont|do not) want to|i cant|i cannot) (continue|go on|carry on|do this)( (the|this|with (the|this)) (interview|call))?( anymore| any more| any longer| now)?
        (hang up|quit|im leaving|i have to go|i have to leave|i need to go|have to go|i must go|i need to leave)( now)?
        """
        ),
        Command.HUMAN: each(
            r"""
        (talk|speak|talking|speaking|switch|transfer me|connect me|put me through|be interviewed|get me)( (to|with|by))? (a|an|some|the|any|one of the)? ?(real |actual |live )?(human|humans|person|people|human being|recruiter|someone|somebody|someone real|interviewer)( being)?( instead| from the team| at the company)?
        (a |get a |have a |i prefer a |i would prefer a |id prefer a |id rather have a )?(real |actual )?(human|person|human being)( interviewer)?( instead)?
        is there (a|any|some) (real |actual )?(human|person|one) (i can|to) (talk|speak)( to| with)?
        """
        ),
    },
    yes_although=each(
        r"""
        no problems?( at all)?
        (not|isnt|is not) (a|any) problem
        (dont|do not|havent|have not)( (really|actually))?( (have|see|got))? (a|any) (problems?|issues?|objections?|concerns?|trouble)( at all)?( with (that|this|it))?
        (doesnt|does not|wouldnt) (bother|matter to) me
        (dont|do not|wont|will not|wouldnt|would not) object
        (not|isnt) (against|opposed to) (it|that|this)
        no objections?( at all)?
        no worries
        why not
        (dont|do not|wouldnt|would not) mind
        no issues?
        no concerns
        cant complain
        (have )?nothing against (it|that)
        """
    ),
    yes=each(
        r"""
        yes
        yeah
        yep
        yup
        ya
        aye
        sure
        okay
        ok
        of course
        certainly
        absolutely
        definitely
        go ahead
        (thats|that is|its|it is|im|i am|all) (fine|okay|ok|alright|all right|good|great|cool)
        fine (by|with) me
        i (do )?(agree|consent|accept|approve|give (you )?(my )?consent)
        you (may|can|have my (consent|permission))
        sounds good
        im happy (to|with)
        happy to
        lets (go|begin|start|do it|do this)
        i do
        please do
        fine
        alright
        all right
        correct
        right
        i am
        by all means
        (that |this |it |which )?(works|suits)( (fine|well))?( (for|with))? me
        (?<!how )(?<!if )(that|this|it) works
        go for it
        i (guess|suppose|think|believe) (so|its fine|thats fine|its okay|thats okay)
        ^(perfect|(all |very |sounds )?(great|good))$
        fair enough
        feel free
        exactly
        """
    ),
    no=each(
        r"""
        no
        nope
        nah
        not
        never
        dont
        do not
        wont
        cant
        cannot
        disagree
        refuse
        decline
        (rather|prefer) not
        object
        stop
        uncomfortable
        against
        negative
        (have|see|got) (a|some) (problems?|issues?|concerns?)
        wouldnt
        didnt
        doesnt
        isnt
        without
        """
    ),
    negated=each(
        r"""
        (do not|dont|did not|didnt|does not|doesnt|isnt|can not|cannot|cant|not|wont|would not|wouldnt|never) (really )?\w+
        """
    ),
    unsure=each(
        r"""
        (not|not really|not so|not quite|not too) (sure|certain)
        (dont|do not) (really |quite |fully )?(know|understand|get it)
        no idea
        """
    ),
    declines=each(
        r"""
        (i )?(really |honestly )?(dont|do not) (really |actually )?know( (that|this|it|what to say|how to answer( that)?|the answer))?
        (i have |ive )?no (idea|clue|comment|example)
        (im |i am )?(not|really not) (so |quite |really )?sure( about (that|this|it))?
        pass
        ill pass( on (that|this)( one)?)?
        i pass
        no
        nope
        none
        nothing
        not really
        never
        (i )?(cant|cannot|couldnt) (really )?(think of|remember|recall)( (one|any|anything|an example|that|it|a situation))?( right now| at the moment)?
        nothing (really )?comes to mind( right now)?
        (i )?(dont|do not) (really )?have (one|any|anything|an (example|answer)|a good (example|answer))( for (that|this|you))?
        (i )?(dont|do not) (really )?(remember|recall)
        i havent
        i (have )?never (done|did|had) (that|this|it)
        no (i )?(dont|havent|i cant)
        not that i (know of|can think of|remember)
        """
    ),
    finished=each(
        r"""
        no
        nope
        none
        nothing
        nah
        not really
        nothing (else|more|further|really|from me)( from me)?
        no (more |further |other )?questions?( from me)?
        no (thank you |thanks )?(i have |ive got )?no (more |further |other )?questions?( from me| for you)?( (for|right) now)?
        no (i )?(dont|do not)( have (any|any more|anything)( questions?)?)?
        no (im|i am|were|thats|that is|it is|its) (all )?(good|fine|okay|ok|set|all|it|everything)( for now)?
        (im|i am) (all )?(good|fine|okay|ok|set|done)( for now)?
        (i )?(dont|do not) (have|think so)( (any|any more|anything))?( (questions?|else))?( (for you|to ask))?
        (no )?(thats|that is|that was|that will be) (all|it|everything)( from me| for now| i (have|wanted to know))?
        no nothing( else| more| from me)?( from me)?
        no (not )?(for now|at the moment|right now)
        i have no( more| further| other)? questions?( for you| at the moment)?
        (no )?(that )?(everything|all) (is|was)? ?(clear|covered|answered)
        not (at the moment|right now|for now|at this point|today)
        (no )?(i )?(dont|do not) (think|believe) (so|i (have|do)( (any|anything)( (more|else|questions?))?)?|(theres|there is) anything( else)?)
        no (i think )?(you|youve|you have|that|this|that has) (covered|covers|answered|answers) (everything|all|(everything |all )?(that |what )?i (had|wanted|needed)( to (ask|know))?)
        """
    ),
    begins_no=each(
        r"""
        no(?! (one|body|idea)\b)
        nope
        nah
        none
        not (really|for now|right now|at the moment|at this point|today|that i)
        nothing (else|more|further|from|for|at|that i|i can)
        """
    ),
    asking=each(
        r"""
        what
        whats
        when
        where
        who
        whos
        whom
        whose
        which
        why
        how
        whether
        (tell|telling|explain|explaining) (me|us)
        wonder(ing)?
        curious
        like to (know|hear|ask|understand)
        want to (know|hear|ask|understand)
        (one|another|other|a|quick) (thing|question)
        (do|does|did|would|will|is|are|can|could|should|may|have|has) (you|your|the|there|it|they|we|this|somebody|someone|anyone|people)
        (may|can|could|should|will|would|do|must) i
        """
    ),
)
