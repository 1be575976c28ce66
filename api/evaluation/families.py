"""English words by what they share: forms of one word by its stem, words of one meaning by their family."""

from functools import lru_cache

from bot.interview.commands import words


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list that is written as text."""
    return frozenset(text.split())


NO = words_of(
    "no not never none nobody nothing neither without cannot cant didnt dont doesnt couldnt wouldnt wasnt werent "
    "isnt arent havent hasnt hadnt wont failed"
)
_EMPTY = words_of(
    "the a an and or of to in on at for with from by as it its is are was were be been being that this these "
    "those their they them he she his her him i my me we our us you your what which who whom whose how when where "
    "why so than then too very one own other others somebody anybody someone has have had do does did done could "
    "would should can may might must will shall only also such any some all both each both there here about into "
    "over under but if because while until after before out up off just more most much many really according "
    "level levels says names describes explains mentions gives"
)
_FORMS = words_of(
    "told-tell said-say found-find took-take taken-take made-make kept-keep gave-give given-give built-build "
    "learnt-learn understood-understand brought-bring thought-think chose-choose chosen-choose saw-see "
    "seen-see led-lead wrote-write written-write knew-know known-know met-meet dealt-deal held-hold sent-send "
    "caught-catch meant-mean went-go gone-go got-get spoke-speak began-begin begun-begin broke-break "
    "taught-teach rang-ring"
)
_IRREGULAR = {form: base for form, _, base in (pair.partition("-") for pair in _FORMS)}
# The first of each stands for all of them.
_SAME = (
    "tell inform warn notify announce phone ring email, measure count quantify, cause reason root, fix repair correct, "
    "customer client buyer, check verify control, agree settle, notice spot discover, change alter adjust improve, "
    "compare contrast, team colleague crew, help support assist, choose pick select, stop end quit, keep maintain, "
    "show demonstrate prove, user reader patient visitor, boss manager director leader, error mistake fault bug, "
    "figure number data, goal aim target, step stage, risk danger, supplier vendor, quick fast rapid, blame accuse, "
    "price cost, document record, guess assume suppose, early beforehand ahead, late delayed overdue"
)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the beginning that the forms of an English word share, roughly."""
    word = _IRREGULAR.get(word, word)
    for ending, instead in (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("ly", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending) + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


_FAMILY = {stem(word): stem(family.split()[0]) for family in _SAME.split(", ") for word in family.split()}


def content(text: str) -> frozenset[str]:
    """Return what the words of `text` that carry meaning by themselves stand for: their family, else their stem."""
    stems = (stem(word) for word in words(text) if word not in _EMPTY and word not in NO)
    return frozenset(_FAMILY.get(one, one) for one in stems)
