# SPDX-License-Identifier: MIT
"""The documents: what they link to, and the files, make targets and tests that they name, exist."""

import re
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES_OF_README = 120
_MARKDOWN = MarkdownIt().enable("table")

# Links to other sites are written so, and not opened: the tests need no network.
_SITE = re.compile(r"https://[\w.-]+\.[a-z]+(/\S*)?")
# A path from the top of the repository. build/ has what is made.
_PATH = re.compile(r"(?:\.ci|boards|firmware|http|modules|tests|tools)/[\w./*-]*")
_TEST = re.compile(r"\btest_\w+(?:\.py)?\b")
_TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)", re.M)
# Of make itself and of this project's, besides those that firmware/variables.mk checks.
_MORE_VARIABLES = {"ARGS", "CFLAGS_EXTRA"}


def documents(root: Path) -> list[Path]:
    """The Markdown files of a checkout: those that git knows, and those that it would not ignore."""
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted({path for name in names.split("\0") if name and (path := root / name).is_file()})


def tokens(text: str) -> Iterator[Token]:
    """All tokens of a document, those inside paragraphs and tables too."""
    for token in _MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def links(text: str) -> list[str]:
    """What a document links to, and its pictures."""
    found = (token.attrGet("href") or token.attrGet("src") for token in tokens(text))
    return [str(target) for target in found if target]


def code(text: str) -> list[str]:
    """The lines of code in a document: spans, and blocks line by line."""
    return [
        line
        for token in tokens(text)
        if token.type in ("code_inline", "fence", "code_block")
        for line in token.content.splitlines()
    ]


def anchors(text: str) -> set[str]:
    """The names of a document's headings in links, as GitHub makes them."""
    parsed = _MARKDOWN.parse(text)
    found: set[str] = set()
    for opening, inline in pairwise(parsed):
        if opening.type == "heading_open":
            title = "".join(child.content for child in inline.children or ())
            name = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            count = sum(other == name or other.startswith(f"{name}-") for other in found)
            found.add(f"{name}-{count}" if name in found else name)
    return found


def wrong_links(document: Path, root: Path) -> list[str]:
    """The links of a document that lead nowhere."""
    wrong = []
    for link in links(document.read_text()):
        if "://" in link:
            if not _SITE.fullmatch(link):
                wrong.append(link)
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        is_there = target.exists() and target.is_relative_to(root)
        if is_there and anchor:
            is_there = target.suffix == ".md" and anchor in anchors(target.read_text())
        if not is_there:
            wrong.append(link)
    return wrong


def wrong_paths(document: Path, root: Path) -> list[str]:
    """The paths from the top of the repository that a document names as code, and that do not exist."""
    return [
        path
        for line in code(document.read_text())
        for word in line.split()
        if (match := _PATH.match(word.partition("=")[2] or word))
        and not list(root.glob(path := match[0].rstrip("/.")))
    ]


def wrong_tests(document: Path, root: Path) -> list[str]:
    """The tests that a document names as code, files and functions, and that do not exist."""
    files = list((root / "tests").rglob("test_*.py"))
    known = {path.name for path in files} | {path.stem for path in files}
    known |= {name for path in files for name in re.findall(r"^ *def (test_\w+)", path.read_text(), re.M)}
    return [name for line in code(document.read_text()) for name in _TEST.findall(line) if name not in known]


def make_commands(text: str) -> Iterator[list[str]]:
    """The words behind `make` in a document's code: targets and variables."""
    for line in code(text):
        plain = re.sub(r"'[^']*'|\$\w+", "x", re.sub(r" +#.*", "", line))
        for command in re.findall(r"(?:^|[;&|] *)make ([^;&|]*)", plain):
            yield [word for word in command.split() if not re.search(r"^-|/", word.partition("=")[0])]


def wrong_make(document: Path, root: Path) -> list[str]:
    """The make targets and variables that a document names, and that do not exist."""
    makefiles = [root / "Makefile", *(root / "firmware").glob("*.mk")]
    targets = {name for path in makefiles for name in _TARGET.findall(path.read_text())}
    lists = re.findall(
        r"^(?:ANY_TARGET|VARIABLES_[\w-]+) := (.*)$", (root / "firmware/variables.mk").read_text(), re.M
    )
    variables = {name for line in lists for name in line.split()} | _MORE_VARIABLES
    return [
        word
        for words in make_commands(document.read_text())
        for word in words
        if (word.partition("=")[0] not in variables if "=" in word else word not in targets)
        and word not in ("...", "x")
    ]


def uneven_tables(document: Path, root: Path) -> list[str]:
    """The rows of tables that have not as many cells as their head."""
    lines = document.read_text().splitlines()
    wrong = []
    for token in tokens(document.read_text()):
        if token.type == "table_open" and token.map:
            rows = lines[token.map[0] : token.map[1]]
            cells = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
            wrong += [row for row, count in zip(rows, cells, strict=True) if count != cells[0]]
        elif token.type == "text" and re.match(r"\|[ |:-]*-[ |:-]*\|", token.content):
            wrong.append(token.content)  # was to be a table
    return wrong


Check = Callable[[Path, Path], list[str]]
CHECKS: list[Check] = [wrong_links, wrong_paths, wrong_tests, wrong_make, uneven_tables]
DOCUMENTS = documents(ROOT)


@pytest.mark.parametrize("check", CHECKS, ids=[check.__name__ for check in CHECKS])
@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_what_a_document_names_exists(document: Path, check: Check) -> None:
    assert check(document, ROOT) == []


def test_every_document_is_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        document = todo.pop()
        if document in reached or document.suffix != ".md" or not document.is_file():
            continue
        reached.add(document)
        targets = [link.partition("#")[0] for link in links(document.read_text()) if "://" not in link]
        todo += [(document.parent / target).resolve() for target in targets if target]
    assert sorted(set(DOCUMENTS) - reached) == []


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < MOST_LINES_OF_README


def _help() -> dict[str, str]:
    """What `make help` shows: the targets and what they do."""
    command = ["make", "-s", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return dict(re.findall(r"^  (\S+) +(.*)$", shown, re.M))


def test_help_has_every_target_that_a_document_names() -> None:
    named = {word for path in DOCUMENTS for words in make_commands(path.read_text()) for word in words}
    assert {word for word in named if "=" not in word} - set(_help()) - {"...", "x"} == set()


def test_help_has_every_target_with_a_text() -> None:
    """A text whose group is not in HELP_GROUPS would be lost."""
    makefiles = [ROOT / "Makefile", *(ROOT / "firmware").glob("*.mk")]
    lines = "\n".join(path.read_text() for path in makefiles)
    texts = dict(re.findall(r"^([a-z-]+):(?!=).* ## (?:[A-Z][a-z ]*: )?(.*)$", lines, re.M))
    assert len(texts) > 20
    assert texts == _help()


# What each check finds, in a checkout that is wrong in each way.

WRONG = {
    wrong_links: [
        "[file](no/such.md)",
        "[anchor](#no-such-heading)",
        "[anchor elsewhere](other.md#no-such-heading)",
        "[anchor of what is no document](Makefile#here)",
        "![picture](no/such.png)",
        "[outside](../../../../../../../../../etc/passwd)",
        "[site](http://example.com/)",
        "| a |\n|---|\n| [in a table](no/such.md) |",
    ],
    wrong_paths: ["`tests/no/such.py`", "```\nmake run APP=firmware/no.py\n```", "`tools/*.xyz`"],
    wrong_tests: ["`test_no_such_thing`", "`tests/test_layers.py` and `test_no.py`"],
    wrong_make: [
        "`make no-such-target`",
        "`make run NOTHING=1`",
        "```\nx; make nothing\n```",
        "`make run` and `make tset`",
    ],
    uneven_tables: ["| a | b |\n|---|---|\n| 1 |", "| a | b |\n|---|---|\n| 1 | 2 | 3 |", "| a | b |\n|---|"],
}  # fmt: skip
RIGHT = r"""# Title

[file](other.md) [heading](#title) [both](other.md#what-is-it) [site](https://example.com/a)

| `a\|b` | c |
|---|---|
| 1 | `make run APP=path` |

`make test ARGS='-k x'` `firmware/variables.mk` `tests/*.py` `test_layers.py` `build/UNIX/dl7450`
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one document, page.md, and what it may name."""
    for name in ("Makefile", "firmware/variables.mk", "tests/test_layers.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "tools").mkdir()
    (tmp_path / "other.md").write_text("# What is `it`?\n")
    return tmp_path


@pytest.mark.parametrize(
    ("check", "text"), [(check, text) for check, texts in WRONG.items() for text in texts]
)
def test_what_is_wrong_is_found(checkout: Path, check: Check, text: str) -> None:
    document = checkout / "page.md"
    document.write_text(f"# Title\n\n{text}\n")
    assert len(check(document, checkout)) == 1


def test_what_is_right_is_not_found(checkout: Path) -> None:
    document = checkout / "page.md"
    document.write_text(RIGHT)
    assert [check(document, checkout) for check in CHECKS] == [[]] * len(CHECKS)


def test_headings_are_named_as_github_names_them() -> None:
    text = "# A `b` -- c's: *d*?\n## Twice\n## Twice\n### MicroPython's own tests\n"
    assert anchors(text) == {"a-b----cs-d", "twice", "twice-1", "micropythons-own-tests"}
