"""Abbreviations that somebody uses and does not explain; who does not know one can't follow the answer."""

import re
from collections.abc import Iterable


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ABBREVIATION = re.compile(r"(?<![\w'’-])[A-Z][A-Z&]{1,5}\d{0,2}(?![\w'’-])")
_EXPLAINED = 60  # characters after one, within which it is explained
_EXPLAINS = re.compile(
    r"^\W*(?:\(|stands for|short for|which is|which means|that is|that's|meaning|means|i mean|"
    r"also|das heißt|das ist|steht für|also|c'est|veut dire|signifie|es decir|significa|o sea)",
    re.IGNORECASE,
)
# What nobody who holds interviews asks about.
_KNOWN = frozenset(
    _split(
        "AI API APP AWS B2B B2C BA BBC BI BS CEO CFO CIO COO CPU CRM CSS CSV CTO CV DB DE DIY DNA ERP ES EU "
        "FAQ FR GB GDP GPS GPU HQ HR HTML HTTP HTTPS IBM ICU ID IP IT JSON KPI LED MA MBA MD ML MVP NASA NHS "
        "OK OKAY PC PDF PHD PHP PM PR QA QR RAM ROI SAP SMS SQL SSD SSL SUV TED TV UI UK UN URL US USA USB "
        "USD UX VAT VIP VP VPN WIFI XML ZIP"
    )
)


def unexplained(answer: str, known: Iterable[str]) -> str | None:
    """The first abbreviation in an answer that it does not explain and that `known` texts don't hold."""
    familiar = " ".join(known)
    for found in _ABBREVIATION.finditer(answer):
        term = found[0]
        after = answer[found.end() : found.end() + _EXPLAINED]
        before = answer[max(0, found.start() - 2) : found.start()]
        if term in _KNOWN or _EXPLAINS.match(after) or before.endswith("("):
            continue
        if re.search(rf"(?<!\w){re.escape(term)}(?!\w)", familiar) is None:
            return term
    return None
