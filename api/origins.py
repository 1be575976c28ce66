"""Origins of web pages, as browsers write them: https and a host, or localhost."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_ORIGIN = re.compile(
    r"https://(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(:[0-9]{1,5})?|http://localhost(:[0-9]{1,5})?"
)


def is_origin(text: str) -> bool:
    """Tell whether a browser would say of a page that this is where it comes from."""
    return _ORIGIN.fullmatch(text) is not None and not text.endswith(":443")


def _an_origin(text: str) -> str:
    if not is_origin(text):
        raise ValueError(
            "is not an origin; write it as browsers do: https://careers.example.org, no path, small letters"
        )
    return text


Origin = Annotated[str, StringConstraints(max_length=300), AfterValidator(_an_origin)]
