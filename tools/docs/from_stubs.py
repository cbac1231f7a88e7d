# SPDX-License-Identifier: MIT
"""Makes the pages of the reference from the docstrings of the type stubs.

The pages have the form of the SDK's own documents: one page a module, and one a class.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from sphinx.ext.napoleon import Config, GoogleDocstring

_NAPOLEON = Config(napoleon_use_rtype=False, napoleon_use_ivar=True)
FOR_CHECKERS = "For type checkers only"

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def module_pages(module: str, path: Path, *, options_page: bool) -> dict[str, str]:
    """The pages of a module, by name without ending: the module's own, and one for each class."""
    tree = ast.parse(path.read_text())
    text = ast.get_docstring(tree) or ""
    title, _, rest = text.partition("\n")
    # A small letter after the dash, unless the word is a name.
    first = title[0].lower() if re.match(r"[A-Z]([a-z]+)?\b(?!')", title) else title[0]
    heading = f":mod:`{module}` --- {first}{title[1:].rstrip('.')}"
    lines = [
        f".. currentmodule:: {module}",
        "",
        heading,
        "=" * len(heading),
        "",
        f".. module:: {module}",
        f"   :synopsis: {title.rstrip('.')}",
        "",
        *_google(rest.strip()),
        "",
    ]
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    shown = [node for node in classes if FOR_CHECKERS not in (ast.get_docstring(node) or "")]
    functions = _functions(tree.body)
    if functions:
        lines += ["Functions", "---------", ""]
        for name, nodes in functions.items():
            lines += _function("function", name, nodes, is_method=False, options_page=options_page)
    constants = _attributes(tree.body, "data")
    if constants:
        lines += ["Constants", "---------", "", *constants]
    pages = {}
    if shown:
        lines += ["Classes", "-------", "", ".. toctree::", "   :maxdepth: 1", ""]
        for node in shown:
            name = f"{module}.{node.name}"
            lines.append(f"   {name}.rst")
            pages[name] = _class_page(module, node, path)
    pages[module] = "\n".join(lines).rstrip() + "\n"
    return pages


def options_page(path: Path) -> str:
    """The page of the options, from the dicts of http-stubs/_options.pyi."""
    wanted = {"Options": "Every request", "WholeBody": "Where the body goes", "InPieces": "", "Streamed": ""}
    tree = ast.parse(path.read_text())
    lines = [
        ".. currentmodule:: http",
        "",
        ".. _http.options:",
        "",
        "Options of requests",
        "===================",
        "",
        "All are keyword arguments of the functions of :mod:`http`. An unknown one is a ``TypeError``.",
        "A status of 1 to 99 is an error code of libcurl.",
        "",
    ]
    seen: set[str] = set()
    for node in tree.body:
        if not isinstance(node, ast.ClassDef) or node.name not in wanted:
            continue
        if wanted[node.name]:
            lines += [wanted[node.name], "-" * len(wanted[node.name]), ""]
        for at, item in enumerate(node.body):
            below = node.body[at + 1] if at + 1 < len(node.body) else None
            if not isinstance(item, ast.AnnAssign) or not isinstance(below, ast.Expr):
                continue
            name = ast.unparse(item.target)
            if name in seen:
                continue
            seen.add(name)
            lines += [f"``{name}`` : {_type(item.annotation)}"]
            lines += [f"   {line.strip()}" for line in _google(str(ast.literal_eval(below.value)))]
            lines += [""]
    return "\n".join(lines)


def _class_page(module: str, node: ast.ClassDef, path: Path) -> str:
    full = f"{module}.{node.name}"
    constructors = [item for item in node.body if isinstance(item, Definition) and item.name == "__init__"]
    arguments = _arguments(constructors[0], True) if constructors else ""
    document = ast.get_docstring(node) or ""
    title = f"class {node.name}"
    bases = [ast.unparse(base) for base in node.bases]
    lines = [f".. currentmodule:: {module}", "", f".. _{full}:", "", title, "=" * len(title), ""]
    # Without arguments the app does not call the class, or calls it without any.
    lines += [f".. class:: {node.name}({arguments})", ""]
    if bases and bases != ["Exception"]:
        lines += ["   Bases: " + ", ".join(f"``{base}``" for base in bases), ""]
    types = _typed(constructors[:1], True)
    lines += [f"   {line}".rstrip() for line in [*_google(document), *types]]
    attributes = _attributes(node.body, "attribute")
    lines += ["", *[f"   {line}".rstrip() for line in attributes]]
    for name, nodes in _functions(node.body).items():
        kinds = [one for one in ("property", "classmethod", "staticmethod") if one in _decorators(nodes[0])]
        kind = kinds[0] if kinds else "method"
        made = _function(kind, name, nodes, is_method=kind != "staticmethod", options_page=False)
        lines += [f"   {line}".rstrip() for line in made]
    return "\n".join(lines).replace("Self", node.name).rstrip() + "\n"


def _functions(body: list[ast.stmt]) -> dict[str, list[Definition]]:
    found: dict[str, list[Definition]] = {}
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            found.setdefault(node.name, []).append(node)
    return found


def _function(
    kind: str, name: str, nodes: list[Definition], *, is_method: bool, options_page: bool
) -> list[str]:
    texts = [text for text in map(ast.get_docstring, nodes) if text]
    document = texts[0] if texts else ""
    if options_page:
        document = document.replace("see the page of options", "see :ref:`the options <http.options>`")
    signature = name if kind == "property" else f"{name}({_arguments(nodes[0], is_method)})"
    lines = [f".. {kind}:: {signature}"]
    if isinstance(nodes[0], ast.AsyncFunctionDef):
        lines += ["   :async:"]
    lines += ["", *[f"   {line}".rstrip() for line in _google(document)]]
    returned = list(dict.fromkeys(_type(node.returns) for node in nodes if node.returns))
    returned = [kind for kind in returned if "_T" not in kind]
    fields = [] if kind == "property" else _typed(nodes, is_method)
    if returned and returned != ["None"]:
        fields.append(f":rtype: {_either(returned)}")
    return [*lines, *[f"   {line}" for line in fields], ""]


def _typed(nodes: list[Definition], is_method: bool) -> list[str]:
    found = {}
    for node in nodes:
        arguments = [*node.args.posonlyargs, *node.args.args][1 if is_method else 0 :] + node.args.kwonlyargs
        for argument in arguments:
            kind = _type(argument.annotation)
            found.setdefault(argument.arg, set()).add("Any" if kind == "_T" else kind)
    return [f":type {name}: {_either(sorted(types))}" for name, types in found.items()]


def _either(types: list[str]) -> str:
    """Join the types of overloads, each alternative once."""
    if any("[" in text for text in types):
        return " or ".join(types)
    alternatives = dict.fromkeys(one for text in types for one in text.split(" | "))
    return " | ".join(sorted(alternatives, key=lambda one: one == "None"))


# What names that only the stubs have mean to a reader.
_WORDS = {
    "BytesLike": "bytes-like",
    "_Data": "str | bytes-like",
    "_Bytes": "bytearray",
    "Headers": "dict | pairs",
    "Pairs": "dict | pairs",
    "_Pairs": "dict | pairs",
    "Files": "dict | pairs",
    "Body": "bytes-like | str | file | iterator",
    "_Client": "object",
    "Status": "str",
    "State": "str",
    "Kind": "str",
    "Timings": "dict",
    "Stats": "dict",
    "Cookie": "dict",
}


def _type(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation) if annotation else ""
    text = text.replace("bytes | bytearray | memoryview", "bytes-like").replace("Response | Any", "Response")
    text = re.sub(r"\b\w+\b", lambda found: _WORDS.get(found[0], found[0]), text)
    text = re.sub(r"\b_(?!T\b)", "", text)  # _date is date, where a method has that name
    return text.replace("Callable[[], object]", "callable()").replace("`", "")


def _decorators(node: Definition) -> set[str]:
    return {ast.unparse(item) for item in node.decorator_list}


def _arguments(node: Definition, is_method: bool) -> str:
    parts = []
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
    for argument, default in list(zip(positional, defaults, strict=True))[1 if is_method else 0 :]:
        parts.append(argument.arg + (f"={ast.unparse(default)}" if default else ""))
    if args.vararg:
        parts.append(f"*{args.vararg.arg}")
    elif args.kwonlyargs:
        parts.append("*")
    for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        parts.append(argument.arg + (f"={ast.unparse(default)}" if default else ""))
    if args.kwarg:
        parts.append(f"**{args.kwarg.arg}")
    return ", ".join(parts)


def _attributes(body: list[ast.stmt], kind: str) -> list[str]:
    lines = []
    for at, node in enumerate(body):
        if not isinstance(node, ast.AnnAssign) or ast.unparse(node.target).startswith("_"):
            continue
        below = body[at + 1] if at + 1 < len(body) else None
        text = str(ast.literal_eval(below.value)) if isinstance(below, ast.Expr) else ""
        if FOR_CHECKERS in text:
            continue
        annotation = ast.unparse(node.annotation)
        kind_of = re.sub(r"^(Final|ClassVar)(\[(.*)\])?$", r"\3", annotation) or "int"
        lines += [f".. {kind}:: {ast.unparse(node.target)}"]
        lines += ["" if kind_of.startswith("_") else f"   :type: {kind_of}", ""]
        lines += [f"   {line.strip()}" for line in text.splitlines()] + [""]
    return lines


def _google(text: str) -> list[str]:
    # Two backticks mean code whatever the settings of Sphinx are.
    text = re.sub(r"(?<![`:])`([^`]+)`(?!`)", r"``\1``", text)
    # A scheme alone is no link.
    text = re.sub(r"(?<![\w`])(https?://)(?![\w`])", r"``\1``", text)
    return [*str(GoogleDocstring(text, _NAPOLEON)).splitlines(), ""] if text else []
