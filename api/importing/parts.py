"""What people are called in transcripts by their part in the interview, in the languages the bot speaks."""

from collections.abc import Mapping

from bot.interview import Role

_WORDS: Mapping[Role, str] = {
    Role.CANDIDATE: (
        "candidate interviewee applicant respondent a answer "
        "kandidat kandidatin bewerber bewerberin "
        "candidato candidata entrevistado entrevistada aspirante "
        "candidat candidate interviewé interviewée postulant postulante"
    ),
    Role.INTERVIEWER: (
        "interviewer recruiter q question "
        "interviewerin fragesteller personaler personalerin "
        "entrevistador entrevistadora reclutador reclutadora "
        "intervieweur intervieweuse recruteur recruteuse"
    ),
    Role.BOT: "bot ai assistant ki",
    Role.OBSERVER: "observer beobachter beobachterin observador observadora observateur observatrice",
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}


def role_named(name: str) -> Role | None:
    """Return the part that a speaker's name is: "INTERVIEWER 2" is an interviewer, "Maria" is nobody yet."""
    words = [word.strip(".#()") for word in name.casefold().split()]
    plain = [word for word in words if word and not word.isdecimal()]
    if plain in (["ai", "interviewer"], ["hiring", "manager"]):
        return Role.BOT if plain[0] == "ai" else Role.INTERVIEWER
    return _ROLES.get(plain[0]) if len(plain) == 1 else None


def role_told(value: object) -> str | None:
    """Return the part that a field of a list names, as one of `Role`."""
    role = role_named(value) if isinstance(value, str) else None
    return None if role is None else role.value
