"""Reading YAML and Markdown so that an error can name the file, the line and the key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from prompts.errors import BadFile

if TYPE_CHECKING or not yaml.__with_libyaml__:
    from yaml import SafeLoader as _Base
else:
    from yaml import CSafeLoader as _Base  # the same, ten times as fast

Place: TypeAlias = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)

TOO_DEEP = "is nested too deeply"
DEEPEST = 50  # lists and mappings inside each other; a plan needs six


class _Loader(_Base):
    """YAML as people expect it: `no`, `on` and dates stay text, only plain numbers and null are anything else."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's own way to hold them


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds and where. lines: the line (from 1) on which the value at each place begins."""

    file: str
    data: dict[str, Any]
    lines: dict[Place, int]

    def line(self, place: Sequence[str | int]) -> int | None:
        """Return the line of a place, or of the nearest place around it that the file does have."""
        for end in range(len(place), -1, -1):
            if (found := self.lines.get(tuple(place[:end]))) is not None:
                return found
        return None

    def bad(self, place: Sequence[str | int], detail: str) -> BadFile:
        """Make the error for what stands at a place."""
        key = ".".join(str(part) for part in place)
        return BadFile(self.file, f"{key}: {detail}" if key else detail, self.line(place))

    def parse(self, model: type[ModelT]) -> ModelT:
        """Check the whole document against a model; raises `BadFile` for the first thing that is wrong."""
        try:
            return model.model_validate(self.data)
        except ValidationError as why:
            first = why.errors(include_url=False, include_context=False)[0]
            place = tuple(part for part in first["loc"] if part != "[key]")
            raise self.bad(place, first["msg"].removeprefix("Value error, ")) from why


def package() -> Traversable:
    """Return the folder that the product's own words are kept in."""
    return files("prompts")


def read_text(source: Traversable) -> str:
    """Read a file as UTF-8; raises `BadFile` when it is missing or is no text."""
    try:
        return source.read_text(encoding="utf-8")
    except FileNotFoundError as why:
        raise BadFile(str(source), "no such file") from why
    except UnicodeDecodeError as why:
        raise BadFile(str(source), f"is not UTF-8 text (byte {why.start}); save it as UTF-8") from why
    except OSError as why:
        raise BadFile(str(source), f"can't be read: {why.strerror}") from why


def read_yaml(source: Traversable) -> Document:
    """Read a YAML (or JSON) file that holds one mapping; raises `BadFile`."""
    return parse_yaml(read_text(source), str(source))


def parse_yaml(text: str, file: str, first_line: int = 1) -> Document:
    """Read one mapping from YAML text; `first_line` is where in `file` the text begins."""
    lines: dict[Place, int] = {}
    try:
        _check_shape(text, file, first_line)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if not isinstance(node, yaml.MappingNode):
                raise BadFile(file, "must hold `key: value` pairs at its top", first_line)
            _walk(node, (), lines, file, first_line)
            data = loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as why:
        mark = why.problem_mark or why.context_mark
        deep = "nesting" in (why.problem or "")  # libyaml looks far ahead, and may give up before `_check_shape` does
        told = TOO_DEEP if deep else f"is not YAML: {why.problem}"
        raise BadFile(file, told, mark.line + first_line if mark else None) from why
    except yaml.YAMLError as why:
        raise BadFile(file, f"is not YAML: {why}") from why
    return Document(file, data, lines)


def _check_shape(text: str, file: str, first: int) -> None:
    """Refuse aliases, and a nesting that would exhaust the stack of whoever reads it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + first if event.start_mark else first
        if isinstance(event, yaml.AliasEvent):
            raise BadFile(file, "YAML aliases are not used here; write the value out", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise BadFile(file, TOO_DEEP, line)


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], file: str, first: int) -> None:
    """Note the line of every place; refuse a key that stands twice, which YAML would quietly swallow."""
    lines.setdefault(place, node.start_mark.line + first)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*place, index), lines, file, first)
    elif isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            here = key.start_mark.line + first
            if not isinstance(key, yaml.ScalarNode):
                raise BadFile(file, "a key must be plain text", here)
            if key.value in keys:
                raise BadFile(file, f"the key {key.value!r} stands here twice", here)
            keys.add(key.value)
            name = int(key.value) if key.tag.endswith(":int") else key.value
            lines[(*place, name)] = here
            _walk(value, (*place, name), lines, file, first)
