"""What commands say of what can't be done, in a sentence: errors that come in groups, places that can't be written."""

import os
from pathlib import Path

from api.errors import ControlPlaneError


class UnusablePlace(ControlPlaneError):
    """A file or folder that was named can't be written; says why."""

    code = "unusable_place"


def leaves(group: BaseExceptionGroup) -> list[BaseException]:
    """Return the errors themselves, out of however many groups they came in."""
    return [
        leaf
        for error in group.exceptions
        for leaf in (leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    ]


def check_file(path: Path, option: str) -> None:
    """Raise `UnusablePlace`, naming `option`, unless a file can be written at `path`."""
    folder = path.absolute().parent
    if path.is_dir():
        raise UnusablePlace(f"{option} {path}: is a folder; name a file")
    if not folder.is_dir():
        raise UnusablePlace(f"{option} {path}: there is no folder {folder}")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise UnusablePlace(f"{option} {path}: can't be written by this user")


def check_folder(path: Path, option: str) -> None:
    """Raise `UnusablePlace`, naming `option`, unless `path` is a folder that can be written or could be made."""
    nearest = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise UnusablePlace(f"{option} {path}: {nearest} is a file, not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UnusablePlace(f"{option} {path}: this user can't write in {nearest}")
