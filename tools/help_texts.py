# SPDX-License-Identifier: MIT
"""Makes the module _help_texts of the host build: what help() says, from the docstrings of the type stubs.

TEXTS has for each module ("http"), function, class ("http:get") and method ("http:Response.body") its
arguments and what it does. NAMES has the public names of each module, with blanks between them.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

STUBS = Path(__file__).resolve().parent / "stubs"
_FOR_CHECKERS = "For type checkers only"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(STUBS.glob("*-stubs/**/*.pyi")):
        folder, *rest = path.relative_to(STUBS).with_suffix("").parts
        name = ".".join([folder.removesuffix("-stubs"), *rest]).removesuffix(".__init__")
        if "._" not in name:
            yield name, ast.parse(path.read_text())


def _what_it_does(node: Function | ast.ClassDef | ast.Module) -> str:
    """The docstring up to its first section."""
    text = re.split(r"^\w+:$", ast.get_docstring(node) or "", maxsplit=1, flags=re.M)[0].strip()
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def _call(name: str, node: Function, *, is_method: bool) -> str:
    arguments = node.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        argument.annotation = None
    for rest in (arguments.vararg, arguments.kwarg):
        if rest:
            rest.annotation = None
    # A slash tells which arguments have no name. That is a matter for type checkers.
    text = re.sub(r"(^|, )/(, |$)", lambda found: found[2] and found[1], ast.unparse(arguments))
    if is_method:
        text = re.sub(r"^(self|cls)(, |$)", "", text)
    return f"{name}({text})"


def _text(call: str, node: Function | ast.ClassDef) -> str:
    return f"{call}\n{_what_it_does(node)}".rstrip()


def _class_texts(key: str, node: ast.ClassDef) -> dict[str, str]:
    made = {key: _text(node.name, node)}
    for item in node.body:
        if isinstance(item, Function) and item.name == "__init__":
            made[key] = _text(_call(node.name, item, is_method=True), node)
        elif isinstance(item, Function) and not item.name.startswith("_"):
            decorators = {ast.unparse(decorator) for decorator in item.decorator_list}
            is_method = "staticmethod" not in decorators
            call = item.name if "property" in decorators else _call(item.name, item, is_method=is_method)
            made.setdefault(f"{key}.{item.name}", _text(call, item))
    return made


def collect() -> tuple[dict[str, str], dict[str, list[str]]]:
    """The texts, and the public names of each module."""
    texts: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for module, tree in _modules():
        texts[module] = f"module {module}\n{_what_it_does(tree)}".rstrip()
        public: list[str] = []
        for node in tree.body:
            if isinstance(node, Function):
                public.append(node.name)
                call = _call(node.name, node, is_method=False)
                texts.setdefault(f"{module}:{node.name}", _text(call, node))
            elif isinstance(node, ast.ClassDef) and _FOR_CHECKERS not in (ast.get_docstring(node) or ""):
                public.append(node.name)
                if not node.name.startswith("_"):
                    texts.update(_class_texts(f"{module}:{node.name}", node))
            elif isinstance(node, ast.AnnAssign | ast.ImportFrom):
                public += (
                    [ast.unparse(node.target)]
                    if isinstance(node, ast.AnnAssign)
                    else [alias.asname for alias in node.names if alias.asname]
                )
        names[module] = sorted({name for name in public if not name.startswith("_")})
    return texts, names


def main() -> None:
    """Write the module, if it is another one than before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    path = parser.parse_args().path
    texts, names = collect()
    lines = ["TEXTS = {", *(f"    {key!r}: {text!r}," for key, text in sorted(texts.items())), "}"]
    lines += ["NAMES = {", *(f"    {key!r}: {' '.join(public)!r}," for key, public in names.items()), "}"]
    made = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text() != made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made)


if __name__ == "__main__":
    main()
