# SPDX-License-Identifier: MIT
"""Reads type stubs, and makes calls from them: some that a stub allows, and some that it does not."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "tools" / "stubs"
MODULES = sorted(path.parent.name.removesuffix("-stubs") for path in FOLDER.glob("*-stubs/__init__.pyi"))
FOR_CHECKERS = "For type checkers only"

# Values of each type that a stub names, as code. A type that is not here must be a class of the same module.
VALUES = {
    "str": ["'text'"],
    "int": ["1"],
    "float": ["1", "1.0"],
    "bool": ["True", "False"],
    "bytes": ["b'text'"],
    "bytearray": ["bytearray(b'text')"],
    "memoryview": ["memoryview(b'text')"],
    "array[Any]": ["array('B', b'text')"],
    "None": ["None"],
    "Exception": ["ValueError()"],
    "Sequence[int]": ["(2024, 2, 29, 0, 0, 1, 3, 60)", "[2024, 2, 29, 0, 0, 1, 3, 60, 0]"],
    "list[str]": ["['text']", "[]"],
    "tuple[str, Qos]": ["('topic', 0)"],
    "list[tuple[str, Qos]]": ["[('topic', 0), ('other', 2)]"],
    "dict[str, str]": ["{'Name': 'value'}", "{}"],
    "dict[str, str | None]": ["{'Name': 'value', 'Accept': None}"],
    "dict[str, None]": ["{'Accept': None}"],
    "Sequence[tuple[str, str] | tuple[str, str | None]]": ["[('Name', 'a'), ('Name', None)]", "()"],
    "dict[str, Any]": ["{'a': 1, 'b': ['x', None]}"],
    "Sequence[tuple[str, Any]]": ["[('a', 1), ('a', 'b')]", "()"],
    "Iterable[str | BytesLike]": ["iter(('a', b'b'))", "{b'a'}"],
    "Iterable[str | Awaitable[Any]]": ["['http://127.0.0.1:1/']"],
    "BinaryFile": ["open(PATH, 'rb')"],
    "tuple[str | BytesLike, str | BytesLike]": ["('pem', b'pem')"],
    "tuple[str, str]": ["('user', 'password')"],
    "tuple[Literal['digest'], str, str]": ["('digest', 'user', 'password')"],
    "Files": [
        "{'a': b'x', 'b': PATH, 'c': ('name', b'x'), 'd': (None, PATH, 'text/plain')}",
        "[('a', bytearray(1))]",
    ],
    "Options": ["{}", "{'keep_alive': 1, 'username': 'a', 'password': b'b', 'trust_store': None}"],
    "dict[str, int]": ["{}"],
    "Attributes": ["{}", "{'x': 1, 'y': 2, 'alignment': Alignment.LEFT}"],
    "ImageToken": ["__import__('datastore').ImageStore().get_token('default')"],
    "_tzinfo": ["tzinfo()", "timezone.utc"],
    "_date": ["date(2024, 1, 1)"],
    "_time": ["time(1)"],
    "timedelta": ["timedelta(hours=1)"],
    "datetime": ["datetime(2024, 1, 1, tzinfo=timezone.utc)"],
    "Cookies": ["Cookies()"],
    "dict[str, str | int]": ["{'A': 1}"],
    "dict[Any, Any]": ["{b'a': 'b'}"],
    "list[bytes]": ["[b'@path', b'']"],
    "list[tuple[str, Any]]": ["[('A', 1)]"],
    "_Request": ["Request.CreateRequest()"],
    "_Client": ["CLIENT()"],
    "Response": ["__import__('http').get('http://127.0.0.1:1/')"],
    "http.Response": ["__import__('http').get('http://127.0.0.1:1/')"],
    "Callable[..., Any]": ["__import__('hashlib').sha1"],
    "object": ["1"],
    "Any": ["1"],
    "_T": ["1"],
}  # fmt: skip


@dataclass
class Parameter:
    """One parameter of a function."""

    name: str
    types: list[str]
    required: bool
    keyword: bool
    positional: bool


@dataclass
class Signature:
    """What one definition, of several if they are overloads, says of a function."""

    parameters: list[Parameter]
    options: str | None
    variadic: bool
    node: ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Function:
    """A function or method; a class stands for its __init__()."""

    name: str
    signatures: list[Signature] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)
    is_async: bool = False


@dataclass
class Stub:
    """What the stub of a module says."""

    names: set[str]
    functions: dict[str, Function]
    aliases: dict[str, ast.expr]
    imported: set[str]
    attributes: set[str]
    options: dict[str, dict[str, list[str]]]


def read(module: str) -> Stub:
    """Read the stub of a module, and its private files."""
    folder = FOLDER / f"{module}-stubs"
    body = ast.parse((folder / "__init__.pyi").read_text()).body
    private = [
        node
        for path in folder.glob("_*.pyi")
        if path.stem != "__init__"
        for node in ast.parse(path.read_text()).body
    ]
    aliases = {_target(node): node.value for node in [*body, *private] if _is_alias(node)}
    imported = {alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names}
    stub = Stub(set(), {}, aliases, imported, set(), {})
    typed = {node.name: node for node in [*body, *private] if isinstance(node, ast.ClassDef)}
    for at, node in enumerate(body):
        below = body[at + 1] if at + 1 < len(body) else None
        if not _is_for_checkers(node, below):
            _read_into(stub, node, "")
    for name, node in typed.items():
        stub.options[name] = _options(node, typed, aliases)
    return stub


def _read_into(stub: Stub, node: ast.stmt, prefix: str) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if node.name.startswith("_") and node.name != "__init__":
            return
        name = prefix.rstrip(".") if node.name == "__init__" else prefix + node.name
        stub.names.add(name)
        decorators = {ast.unparse(item) for item in node.decorator_list}
        if "property" in decorators:
            stub.attributes.add(name)
            return
        function = stub.functions.setdefault(
            name, Function(name, is_async=isinstance(node, ast.AsyncFunctionDef))
        )
        function.signatures.append(_signature(node, bool(prefix), stub.aliases))
        function.errors |= set(re.findall(r"^ +(\w+): ", _section(node, "Raises"), re.M))
    elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
        stub.names.add(prefix + node.name)
        for item in node.body:
            _read_into(stub, item, f"{node.name}.")
        if node.name in stub.functions:
            stub.functions[node.name].errors |= set(re.findall(r"^ +(\w+): ", _section(node, "Raises"), re.M))
    elif isinstance(node, ast.AnnAssign) and not _is_alias(node) and not _target(node).startswith("_"):
        stub.names.add(prefix + _target(node))
        if prefix and not ast.unparse(node.annotation).startswith(("ClassVar", "Final")):
            stub.attributes.add(prefix + _target(node))


def _section(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, name: str) -> str:
    text = ast.get_docstring(node) or ""
    return (re.findall(rf"^{name}:\n((?: .*\n?|\n)+)", text, re.M) or [""])[0]


def _is_alias(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias"


def _target(node: ast.stmt) -> str:
    return ast.unparse(node.target) if isinstance(node, ast.AnnAssign) else ""


def _is_for_checkers(node: ast.stmt, below: ast.stmt | None) -> bool:
    if _is_alias(node):
        return _target(node).startswith("_") or FOR_CHECKERS in ast.unparse(below or node)
    return isinstance(node, ast.ClassDef) and FOR_CHECKERS in (ast.get_docstring(node) or "")


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, is_method: bool, aliases: dict) -> Signature:
    args = node.args
    only, both = args.posonlyargs, args.args
    decorators = {ast.unparse(item) for item in node.decorator_list}
    if is_method and "staticmethod" not in decorators:
        only, both = (only[1:], both) if only else (only, both[1:])
    positional = [*only, *both]
    defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
    found = [
        Parameter(arg.arg, _types(arg.annotation, aliases), default is None, arg not in only, True)
        for arg, default in zip(positional, defaults[-len(positional) :] if positional else [], strict=True)
    ]
    found += [
        Parameter(arg.arg, _types(arg.annotation, aliases), default is None, True, False)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    options = ast.unparse(args.kwarg.annotation) if args.kwarg and args.kwarg.annotation else ""
    return Signature(found, options.removeprefix("Unpack[").rstrip("]") or None, bool(args.vararg), node)


def _types(annotation: ast.expr | None, aliases: dict[str, ast.expr]) -> list[str]:
    assert annotation is not None
    if isinstance(annotation, ast.BinOp):
        return _types(annotation.left, aliases) + _types(annotation.right, aliases)
    text = ast.unparse(annotation)
    return _types(aliases[text], aliases) if text in aliases and text not in VALUES else [text]


def _options(node: ast.ClassDef, classes: dict[str, ast.ClassDef], aliases: dict) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for base in node.bases:
        if ast.unparse(base) in classes:
            found |= _options(classes[ast.unparse(base)], classes, aliases)
    return found | {
        _target(item): _types(item.annotation, aliases)
        for item in node.body
        if isinstance(item, ast.AnnAssign)
    }


def values(kind: str) -> list[str]:
    """Values of a type, as code."""
    if kind.startswith("Literal["):
        return [repr(value) for value in ast.literal_eval(f"[{kind[8:-1]}]")]
    if kind.startswith("Callable[") and kind not in VALUES:
        return ["lambda *a: False"]
    return VALUES[kind]


def refused(types: list[str]) -> list[str]:
    """Values that are of none of the types, as code."""
    if {"Any", "object", "_T"} & set(types):
        return []
    wrong = ["object()"]
    if types and all(kind.startswith("Literal[") for kind in types):
        wrong += ["'no such'", "7"]
    return wrong


def calls(function: Function, given: dict[str, list[str]], unchecked: set[str]) -> Iterator[tuple[str, bool]]:
    """Arguments of calls, as code, and whether the stub allows them.

    given: values for parameters by name. unchecked: parameters whose type the program does not check.
    """
    longest = max(len([p for p in s.parameters if p.positional]) for s in function.signatures)
    of = {p.name: [q for s in function.signatures for q in s.parameters if q.name == p.name]
          for s in function.signatures for p in s.parameters}  # fmt: skip
    for signature in function.signatures:
        parameters = signature.parameters
        samples = {
            p.name: given.get(p.name) or [value for kind in p.types for value in values(kind)]
            for p in parameters
        }
        first = {name: texts[0] for name, texts in samples.items()}

        def call(
            changed: dict[str, str], left_out: set[str], parameters: list = parameters, first: dict = first
        ) -> str:
            parts, named = [], False
            for p in parameters:
                if p.name in left_out:
                    named = True
                    continue
                value = changed.get(p.name, first[p.name])
                parts.append(f"{p.name}={value}" if (named and p.keyword) or not p.positional else value)
            return ", ".join(parts)

        optional = {p.name for p in parameters if not p.required}
        yield call({}, optional), True
        required = {tuple(p.name for p in s.parameters if p.required) for s in function.signatures}
        if len(required) == 1 and len(optional) < len(parameters):
            yield call({}, optional | {[p.name for p in parameters if p.required][-1]}), False
        for p in parameters:
            others = optional - {p.name} if p.keyword else set()
            for value in samples[p.name]:
                yield call({p.name: value}, others), True
            wrong = refused([kind for q in of[p.name] for kind in q.types])
            for value in wrong if p.name not in unchecked else ():
                yield call({p.name: value}, others), False
            named = ", ".join(
                f"{q.name}={first[q.name]}" for q in parameters if q.required and q.name != p.name
            )
            positional = [
                first[q.name] for q in parameters if q.required and q.name != p.name and not q.keyword
            ]
            if p.keyword:
                yield ", ".join(filter(None, [named, f"{p.name}={first[p.name]}"])), True
            else:
                yield ", ".join([*positional, f"{p.name}={first[p.name]}"]), False
        if not signature.options and not signature.variadic:
            yield ", ".join(filter(None, [call({}, optional), "no_such_argument=1"])), False
    if not any(signature.variadic for signature in function.signatures):
        yield ", ".join(["None"] * (longest + 1)), False
