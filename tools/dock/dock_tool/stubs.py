# SPDX-License-Identifier: MIT
"""Type stubs beside an app: an editor then knows the dock's modules, not CPython's of the same names."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.metadata import PackageNotFoundError, files, version
from pathlib import Path

from dock_tool.failure import Exit, Failure

_OWN = "dl7450-stubs"
_MICROPYTHON = ("micropython-stdlib-stubs", "micropython-unix-stubs")
_MARK = ".dl7450-stubs"  # a file in typings/, which says that this program has made the folder

# Pylance, pyright and basedpyright read the first, mypy the second.
_PYRIGHT = {
    "typeshedPath": "typings",
    "stubPath": "typings",
    "exclude": ["typings"],
    "typeCheckingMode": "standard",
    "reportMissingModuleSource": False,
    "reportUnnecessaryComparison": "error",
}
_MYPY = """\
[mypy]
mypy_path = $MYPY_CONFIG_FILE_DIR/typings
custom_typeshed_dir = $MYPY_CONFIG_FILE_DIR/typings
exclude = ^typings/
no_site_packages = True
strict_equality = True
check_untyped_defs = True

[mypy-_mpy_shed.*]
ignore_errors = True
"""
# PyCharm: typings is a folder of sources. Stubs in one come first, before CPython's: the page "Stubs" of its
# help, and the order of priorities in PyResolveImportUtil.kt of its published source. It was not tried.
_IML = """\
<?xml version="1.0" encoding="UTF-8"?>
<module type="PYTHON_MODULE" version="4">
  <component name="NewModuleRootManager">
    <content url="file://$MODULE_DIR$">
      <sourceFolder url="file://$MODULE_DIR$/typings" isTestSource="false" />
    </content>
    <orderEntry type="inheritedJdk" />
    <orderEntry type="sourceFolder" forTests="false" />
  </component>
</module>
"""
_MODULES = """\
<?xml version="1.0" encoding="UTF-8"?>
<project version="4">
  <component name="ProjectModuleManager">
    <modules>
      <module fileurl="file://$PROJECT_DIR$/.idea/app.iml" filepath="$PROJECT_DIR$/.idea/app.iml" />
    </modules>
  </component>
</project>
"""


def write_stubs(folder: Path) -> list[str]:
    """Write typings/ and settings of editors into a folder. Gives lines that say what was written."""
    if not folder.is_dir():
        raise Failure(Exit.NO_LOCAL_FILE, f"no such folder here: {folder}")
    typings = folder / "typings"
    if typings.exists() and not (typings / _MARK).is_file():
        raise Failure(Exit.USAGE, f"{typings} is not of `dock stubs`: move it away first")
    try:
        count = _copy(typings)
        said = [f"{typings}: stubs of {count} modules"]
        settings = {"pyrightconfig.json": json.dumps(_PYRIGHT, indent=2) + "\n", "mypy.ini": _MYPY}
        if not (folder / ".idea").exists():
            settings |= {".idea/app.iml": _IML, ".idea/modules.xml": _MODULES}
        else:
            said.append(f"{folder / '.idea'}: left as it is; in PyCharm, mark typings as Sources Root")
        said += [_write(folder / name, text) for name, text in settings.items()]
    except OSError as error:
        raise Failure(Exit.OTHER, f"cannot write into {folder}: {error}") from error
    return said


def _copy(typings: Path) -> int:
    own = _own_folders()
    shutil.rmtree(typings, ignore_errors=True)
    for package in _MICROPYTHON:
        try:
            names = files(package) or ()
        except PackageNotFoundError:
            raise Failure(Exit.OTHER, f"the Python package {package} is not installed") from None
        for name in names:
            if name.suffix == ".pyi" or name.name == "VERSIONS":
                target = typings / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(name.locate()), target)
    for source in own:
        module = source.name.removesuffix("-stubs")
        (typings / f"{module}.pyi").unlink(missing_ok=True)
        shutil.rmtree(typings / module, ignore_errors=True)
        shutil.copytree(source, typings / module)
    (typings / _MARK).write_text(f"dock stubs {version(_OWN)}: this folder is replaced as a whole\n")
    return sum(1 for path in typings.iterdir() if path.suffix == ".pyi" or (path / "__init__.pyi").is_file())


def _own_folders() -> list[Path]:
    # The package may be installed from a checkout: then sys.path has its folder.
    for folder in map(Path, sys.path):
        if (folder / "http-stubs" / "__init__.pyi").is_file():
            return [path for path in sorted(folder.glob("*-stubs")) if (path / "__init__.pyi").is_file()]
    raise Failure(Exit.OTHER, f"the Python package {_OWN} is not installed")


def _write(path: Path, text: str) -> str:
    if path.is_file() and path.read_text() != text:
        return f"{path}: left as it is"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return f"{path}: written"
