"""The headings under which résumés put things, in the languages that the bot speaks."""

from enum import StrEnum

from prompts.disguise import folded


class Section(StrEnum):
    """What stands under a heading. OTHER: nothing that is taken out of it."""

    SUMMARY = "summary"
    EXPERIENCE = "experience"
    EDUCATION = "education"
    SKILLS = "skills"
    LANGUAGES = "languages"
    CERTIFICATES = "certificates"
    OTHER = "other"


PRESENT = (
    "present", "now", "today", "current", "heute", "jetzt", "aujourd'hui", "présent", "actualidad", "actualmente",
    "presente", "oggi", "atual", "heden", "obecnie",
)  # fmt: skip

_HEADINGS = {
    Section.SUMMARY: (
        "summary", "profile", "about me", "objective", "professional summary", "personal statement",
        "career summary", "profil", "über mich", "kurzprofil", "zusammenfassung", "persönliches profil", "à propos",
        "résumé", "présentation", "perfil", "sobre mí", "resumen", "perfil profesional", "profil professionnel",
        "contact", "kontakt", "contacto", "coordonnées", "personal details", "persönliche daten", "datos personales",
    ),
    Section.EXPERIENCE: (
        "experience", "work experience", "professional experience", "employment", "employment history", "career",
        "work history", "career history", "berufserfahrung", "beruflicher werdegang", "berufliche erfahrung",
        "werdegang", "praktische erfahrung", "berufspraxis", "expérience", "expériences",
        "expérience professionnelle", "expériences professionnelles", "parcours professionnel", "experiencia",
        "experiencia laboral", "experiencia profesional", "trayectoria profesional", "esperienze lavorative",
        "experiência profissional", "werkervaring", "doświadczenie zawodowe",
    ),
    Section.EDUCATION: (
        "education", "academic background", "studies", "education and training", "qualifications", "ausbildung",
        "bildung", "studium", "bildungsweg", "akademische ausbildung", "schulbildung", "aus und weiterbildung",
        "formation", "formations", "études", "diplômes", "educación", "formación", "formación académica", "estudios",
        "istruzione", "formação", "opleiding", "wykształcenie",
    ),
    Section.SKILLS: (
        "skills", "technical skills", "key skills", "core skills", "skills and tools", "competencies",
        "technologies", "kenntnisse", "fähigkeiten", "kompetenzen", "it kenntnisse", "edv kenntnisse",
        "fachkenntnisse", "technische kenntnisse", "compétences", "compétences techniques", "habilidades",
        "competencias", "conocimientos", "competenze", "competências", "vaardigheden", "umiejętności",
    ),
    Section.LANGUAGES: (
        "languages", "language skills", "sprachen", "sprachkenntnisse", "langues", "idiomas", "lingue", "línguas",
        "talen", "języki",
    ),
    Section.CERTIFICATES: (
        "certificates", "certifications", "licences and certifications", "licenses and certifications", "courses",
        "training", "zertifikate", "zertifizierungen", "weiterbildung", "weiterbildungen", "certificats",
        "certificados", "certificaciones", "cursos", "certificati", "certificaten", "certyfikaty",
    ),
    Section.OTHER: (
        "references", "interests", "hobbies", "projects", "publications", "volunteering", "awards", "referenzen",
        "interessen", "projekte", "publikationen", "ehrenamt", "auszeichnungen", "références", "loisirs",
        "centres d intérêt", "projets", "bénévolat", "referencias", "intereses", "proyectos", "publicaciones",
        "voluntariado", "aficiones",
    ),
}  # fmt: skip

SECTIONS = {
    " ".join(folded(word) for word in heading.split()): section
    for section, headings in _HEADINGS.items()
    for heading in headings
}
