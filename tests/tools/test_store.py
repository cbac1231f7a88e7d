# SPDX-License-Identifier: MIT
"""tools/store.py: packing a ROM store image, and listing one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import store
from dock_tool.siblings import FROZEN
from PIL import Image
from store import LIMIT, MPY_CROSS, StoreError, contents, pack

ROOT = Path(__file__).resolve().parent.parent.parent

APP = "print('hello')\n"
CONFIG = """\
code:
  path: ${CONFIG_PATH}/app.py
kv_store:
  "dock_name": "Reception"
  zone: GMT
images:
  logo:
    path: ${CONFIG_PATH}/logo.bmp
    type: bmp
  default:
    type: PNG
    path: pictures/back.png
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what CONFIG names."""
    folder = tmp_path / "config"
    (folder / "pictures").mkdir(parents=True)
    (folder / "app.py").write_text(APP)
    Image.new("RGB", (8, 4), (200, 10, 10)).save(folder / "pictures" / "back.png")
    Image.new("RGB", (8, 4), (10, 10, 200)).save(folder / "logo.bmp")
    return folder


def configure(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text)
    return path


def error_of(folder: Path, text: str, **options: object) -> str:
    """Check that packing failed with one line and left no file; return the line."""
    config = configure(folder, text)
    image = folder.parent / "out" / "image"
    image.parent.mkdir()
    with pytest.raises(StoreError) as caught:
        pack(config, image, **options)
    assert list(image.parent.iterdir()) == []
    said = str(caught.value)
    assert "\n" not in said
    return said.replace(str(folder), "DIR")


def command(*args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    tool = [sys.executable, ROOT / "tools/store.py"]
    return subprocess.run([*tool, *args], cwd=cwd, capture_output=True, text=True, timeout=60)


def test_everything_of_the_configuration_is_in_the_image(folder: Path, tmp_path: Path) -> None:
    image = tmp_path / "image"
    files = pack(configure(folder, CONFIG), image)
    assert list(files) == ["main.py", "kv.json", "images/default.png", "images/logo.bmp"]
    assert files["main.py"] == APP.encode()
    assert files["kv.json"] == b'{"dock_name": "Reception", "zone": "GMT"}'
    assert files["images/logo.bmp"] == (folder / "logo.bmp").read_bytes()
    assert contents(image) == {name: len(data) for name, data in files.items()}
    assert all(data in image.read_bytes() for data in files.values())


def test_jpeg_is_a_type_as_in_the_vendors_sample(folder: Path, tmp_path: Path) -> None:
    Image.new("RGB", (8, 4)).save(folder / "photo.jpg")
    text = "images:\n  logo:\n    path: ${CONFIG_PATH}/photo.jpg\n    type: jpeg\n"
    files = pack(configure(folder, text), tmp_path / "image")
    assert files["images/logo.jpeg"] == (folder / "photo.jpg").read_bytes()


@pytest.mark.parametrize("text", ["", "# nothing\n", "code:\nkv_store:\nimages:\n", "{}"])
def test_each_key_may_be_left_out(folder: Path, tmp_path: Path, text: str) -> None:
    pack(configure(folder, text), tmp_path / "image")
    assert contents(tmp_path / "image") == {"kv.json": 2}


def test_app_may_be_named_in_short(folder: Path, tmp_path: Path) -> None:
    assert "main.py" in pack(configure(folder, "code: app.py\n"), tmp_path / "image")


def test_paths_are_relative_to_the_configuration_wherever_the_tool_runs(folder: Path, tmp_path: Path) -> None:
    configure(folder, CONFIG)
    result = command("pack", "config/config.yaml", "image", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert "images/default.png" in result.stdout


def test_same_configuration_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder, elsewhere, copy_function=shutil.copyfile)  # the copies have other times
    other_order = (
        "images:\n  default: {type: png, path: pictures/back.png}\n  logo: {path: logo.bmp, type: BMP}\n"
        "kv_store: {zone: GMT, dock_name: Reception}\ncode: app.py\n"
    )
    for compiled in (False, True):
        pack(configure(folder, CONFIG), tmp_path / "one", compiled=compiled)
        pack(configure(elsewhere, other_order), tmp_path / "two", compiled=compiled)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_compiled_app_names_its_own_file_and_no_path(folder: Path, tmp_path: Path) -> None:
    files = pack(configure(folder, CONFIG), tmp_path / "image", compiled=True)
    assert "main.py" not in files
    assert files["main.mpy"][:1] == b"M"
    assert b"app.py" in files["main.mpy"]
    assert str(folder).encode() not in files["main.mpy"]


def test_precompiled_app_goes_in_as_it_is(folder: Path, tmp_path: Path) -> None:
    mpy = folder / "app.mpy"
    subprocess.run([MPY_CROSS, "-o", mpy, folder / "app.py"], check=True, timeout=60)
    for compiled in (False, True):
        files = pack(configure(folder, "code: app.mpy\n"), tmp_path / "image", compiled=compiled)
        assert files["main.mpy"] == mpy.read_bytes()


def test_app_with_native_code_may_stay_source(folder: Path, tmp_path: Path) -> None:
    (folder / "app.py").write_text("import micropython\n@micropython.native\ndef f():\n    pass\n")
    assert "main.py" in pack(configure(folder, "code: app.py\n"), tmp_path / "image")
    assert "invalid arch" in error_of(folder, "code: app.py\n", compiled=True)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("kv: {}", "config.yaml: unknown key 'kv': there are code, kv_store and images"),
        ("[1]", "config.yaml must be a mapping, not a list"),
        ("1: x", "config.yaml: the key 1 must be a string, not 1 (int): write it in quotes"),
        ("kv_store: text", "config.yaml: kv_store must be a mapping, not a string"),
        (
            "kv_store: {rounds: 3}",
            "config.yaml: kv_store: the value of 'rounds' must be a string, not 3 (int): write it in quotes",
        ),
        (
            "kv_store: {on: yes}",
            "config.yaml: kv_store: the key True must be a string, not True (bool): write it in quotes",
        ),
        (
            "kv_store: {since: 2026-01-02}",
            "config.yaml: kv_store: the value of 'since' must be a string, "
            "not datetime.date(2026, 1, 2) (date): write it in quotes",
        ),
        ("kv_store: {a: }", "config.yaml: kv_store: the value of 'a' must be a string, not empty"),
        ("kv_store: {a: [b]}", "config.yaml: kv_store: the value of 'a' must be a string, not a list"),
        (
            'kv_store: {a: "\\ud800"}',
            "config.yaml: kv_store: the value of 'a' is no Unicode text: half a surrogate pair",
        ),
        ("kv_store: {a: b, a: c}", "config.yaml:1:18: the key 'a' is there twice"),
        ("images:\nimages:\n", "config.yaml:2:1: the key 'images' is there twice"),
        ("? [1]\n: x", "config.yaml:1:3: found unhashable key"),
        ("kv_store: {a", "config.yaml:1:13: expected ',' or '}', but got '<stream end>'"),
        ("code: !!python/name:os.system", "config.yaml:1:7: could not determine a constructor"),
        ("kv_store: {a: 2026-13-01}", "config.yaml: month must be in 1..12"),
        ("a: \x01", "config.yaml: unacceptable character #x0001: special characters are not allowed"),
    ],
)
def test_error_of_the_configuration_names_its_place(folder: Path, text: str, error: str) -> None:
    assert error_of(folder, text).startswith("DIR/" + error)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("{}", "must have the key path, and no other"),
        ("{path: app.py, type: py}", "must have the key path, and no other"),
        ("{path: 1}", ": path must be a string, not 1 (int): write it in quotes"),
        ("1", "must be a mapping, not 1 (int)"),
        ("none.py", ": there is no file DIR/none.py"),
        ("${CONFIG_PATH}/../none.py", ": there is no file DIR/../none.py"),
        ("${HOME}/app.py", ": there is no file DIR/${HOME}/app.py"),
        ("pictures", ": DIR/pictures is no file"),
        ("logo.bmp", ": DIR/logo.bmp must end in .py or .mpy"),
        ("wrong.py", ': it does not compile: File "DIR/wrong.py", line 2: SyntaxError: invalid syntax'),
        ("picture.mpy", ": DIR/picture.mpy is no precompiled app"),
        ("empty.mpy", ": DIR/empty.mpy is no precompiled app"),
        ("old.mpy", ": DIR/old.mpy has bytecode version 5, the program runs 6"),
    ],
)
def test_error_of_the_app_names_it(folder: Path, code: str, error: str) -> None:
    (folder / "wrong.py").write_text("x = 1\ndef f(:\n")
    (folder / "picture.mpy").write_bytes((folder / "logo.bmp").read_bytes())
    (folder / "empty.mpy").write_bytes(b"")
    (folder / "old.mpy").write_bytes(b"M\x05\x00\x1f")
    said = error_of(folder, f"code: {code}\n")
    assert said.startswith("DIR/config.yaml: code")
    assert error in said


@pytest.mark.parametrize(
    ("code", "line", "beside"),
    [
        ("import helper", 1, "helper.py"),
        ("import sys, helper as h", 1, "helper.py"),
        ("try:\n    from helper import value\nexcept ImportError:\n    value = 0", 2, "helper.py"),
        ("def later():\n    import helper", 2, "helper.py"),
        ("import package.part", 1, "package"),
        ("from package import part", 1, "package"),
        ("import fast", 1, "fast.mpy"),
    ],
)
def test_app_that_imports_a_module_beside_it_is_refused(
    folder: Path, code: str, line: int, beside: str
) -> None:
    (folder / "helper.py").write_text("value = 7\n")
    (folder / "fast.mpy").write_bytes(b"M\x06\x00\x1f")
    (folder / "package").mkdir()
    (folder / "app.py").write_text(code + "\n")
    said = error_of(folder, "code: app.py")
    assert said.endswith(f": code: an app is one file, and line {line} of app.py imports {beside} beside it")


def test_app_may_import_what_the_firmware_has_whatever_lies_beside_it(folder: Path, tmp_path: Path) -> None:
    for name in ("http.py", "helper.py"):
        (folder / name).write_text("value = 7\n")
    (folder / "json").write_text("no module\n")
    (folder / "app.py").write_text("import http, sys, json, app_that_is_nowhere\nprint('import helper')\n")
    assert "main.py" in pack(configure(folder, "code: app.py"), tmp_path / "image")


def test_frozen_modules_are_known_to_the_tools() -> None:
    names = {
        path.name.removesuffix(".py")
        for folder in ("firmware/standins", "firmware/standins/devices", "modules")
        for path in (ROOT / folder).iterdir()
    } - {"manifest", "__pycache__", "README.md", "TRACE.md", "devices"}
    assert {name for name in names if not name.startswith("_")} | {"asyncio"} == FROZEN


def test_app_that_does_not_compile_is_refused_compiled_or_not(folder: Path) -> None:
    (folder / "app.py").write_text("print('x'\n")
    assert "does not compile" in error_of(folder, "code: app.py\n", compiled=True)


@pytest.mark.parametrize("code", ["app.py", "app.mpy"])
def test_missing_compiler_is_named(folder: Path, code: str) -> None:
    (folder / "app.mpy").write_bytes(b"M\x06\x00\x1f")
    said = error_of(folder, f"code: {code}\n", mpy_cross=folder / "mpy-cross")
    assert said == "DIR/mpy-cross: No such file or directory: make host builds it"


@pytest.mark.parametrize(
    ("images", "error"),
    [
        ("[logo.bmp]", " must be a mapping, not a list"),
        ("{logo: logo.bmp}", ": 'logo' must be a mapping, not a string"),
        ("{logo: {path: logo.bmp}}", ": 'logo' must have the keys type and path, and no other"),
        (
            "{logo: {path: logo.bmp, type: bmp, size: 1}}",
            ": 'logo' must have the keys type and path, and no other",
        ),
        ("{logo: {path: logo.bmp, type: 1}}", ": 'logo': type must be a string, not 1 (int)"),
        (
            "{logo: {path: logo.bmp, type: gif}}",
            ": 'logo': type must be png, bmp or jpeg, not 'gif': the dock shows no other",
        ),
        ("{logo: {path: none.png, type: png}}", ": 'logo': there is no file DIR/none.png"),
        ("{logo: {path: pictures, type: png}}", ": 'logo': DIR/pictures is no file"),
        ("{logo: {path: logo.bmp, type: jpeg}}", ": 'logo': DIR/logo.bmp is bmp, not jpeg"),
        ("{logo: {path: logo.bmp, type: png}}", ": 'logo': DIR/logo.bmp is bmp, not png"),
        ("{logo: {path: photo.png, type: png}}", ": 'logo': DIR/photo.png is jpeg, not png"),
        ("{logo: {path: app.py, type: png}}", ": 'logo': cannot read the image DIR/app.py: "),
        ("{logo: {path: cut.png, type: png}}", ": 'logo': cannot read the image DIR/cut.png: "),
        ("{logo: {path: cut.bmp, type: bmp}}", ": 'logo': cannot read the image DIR/cut.bmp: "),
        ("{1: {path: logo.bmp, type: bmp}}", ": the key 1 must be a string"),
        ("{'': {path: logo.bmp, type: bmp}}", ": '' is no tag: "),
        ("{..: {path: logo.bmp, type: bmp}}", ": '..' is no tag: "),
        ("{a/b: {path: logo.bmp, type: bmp}}", ": 'a/b' is no tag: "),
        ("{Büro: {path: logo.bmp, type: bmp}}", ": 'Büro' is no tag: "),
        ('{"a\\0b": {path: logo.bmp, type: bmp}}', ": 'a\\x00b' is no tag: "),
    ],
)
def test_error_of_an_image_names_tag_and_file(folder: Path, images: str, error: str) -> None:
    noise = Image.effect_noise((64, 64), 90)
    noise.save(folder / "photo.png", format="JPEG")
    for name in ("cut.png", "cut.bmp"):
        noise.save(folder / name)
        (folder / name).write_bytes((folder / name).read_bytes()[:1200])
    assert error_of(folder, f"images: {images}\n").startswith("DIR/config.yaml: images" + error)


def noise_file(path: Path, side: int) -> int:
    """Write a grey BMP of side x side pixels; return its size."""
    Image.effect_noise((side, side), 90).save(path)
    return path.stat().st_size


def test_store_may_be_full_to_the_last_byte_and_not_more(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure(folder, CONFIG)
    pack(config, tmp_path / "image")
    size = (tmp_path / "image").stat().st_size
    monkeypatch.setattr(store, "LIMIT", size)
    pack(config, tmp_path / "image")
    monkeypatch.setattr(store, "LIMIT", size - 1)
    with pytest.raises(StoreError, match=f"too large: {size} bytes, and the store holds {size - 1}"):
        pack(config, tmp_path / "image")


def test_too_large_store_names_the_largest_parts(folder: Path) -> None:
    sizes = {name: noise_file(folder / f"{name}.bmp", side) for name, side in [("a", 2000), ("b", 3300)]}
    assert sum(sizes.values()) > LIMIT > max(sizes.values())
    images = "".join(f"  {name}: {{type: bmp, path: {name}.bmp}}\n" for name in sizes)
    said = error_of(folder, f"images:\n{images}code: app.py\n")
    assert said.startswith("DIR/config.yaml: too large: 148")
    assert said.endswith(
        f"bytes, and the store holds 13000000; largest: images/b.bmp {sizes['b']}, "
        f"images/a.bmp {sizes['a']}, main.py {len(APP)}"
    )


def test_too_large_file_is_not_even_read(folder: Path) -> None:
    with (folder / "huge.bmp").open("wb") as file:
        file.truncate(1 << 40)  # a sparse file: it uses no disk space
    said = error_of(folder, "images: {huge: {type: bmp, path: huge.bmp}}\n")
    assert f"'huge': DIR/huge.bmp is too large: {1 << 40} bytes, and the store holds 13000000" in said


def test_image_of_before_survives_an_error(folder: Path, tmp_path: Path) -> None:
    image = tmp_path / "image"
    pack(configure(folder, CONFIG), image)
    before = image.read_bytes()
    with pytest.raises(StoreError):
        pack(configure(folder, "images: 1"), image)
    assert image.read_bytes() == before


def test_folder_that_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(StoreError, match="no/image: No such file or directory"):
        pack(configure(folder, CONFIG), folder / "no" / "image")


def test_image_that_cannot_be_replaced_leaves_nothing_beside(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "image").mkdir(parents=True)
    with pytest.raises(StoreError, match="image: Is a directory"):
        pack(configure(folder, CONFIG), tmp_path / "out" / "image")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["image"]


def test_command_lists_what_it_packed(folder: Path, tmp_path: Path) -> None:
    config, image = configure(folder, CONFIG), tmp_path / "image"
    packed = command("pack", config, image, "--compile", cwd=tmp_path)
    listed = command("list", image, cwd=tmp_path)
    assert (packed.returncode, packed.stderr) == (0, "")
    assert packed.stdout == listed.stdout
    lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    assert [name for _, name in lines[:-1]] == [
        "main.mpy",
        "kv.json",
        "images/default.png",
        "images/logo.bmp",
    ]
    assert lines[-1] == [str(image.stat().st_size), f"{image}, of 13000000 bytes at most"]


def test_command_ends_with_one_line_and_1_after_an_error(folder: Path, tmp_path: Path) -> None:
    result = command("pack", "none.yaml", "image", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "store: none.yaml: No such file or directory\n"
    assert not (tmp_path / "image").exists()


def test_list_refuses_what_is_no_whole_image(folder: Path, tmp_path: Path) -> None:
    image = tmp_path / "image"
    pack(configure(folder, CONFIG), image)
    data = image.read_bytes()
    for wrong, error in [
        (b"", "is no ROMFS image"),
        (b"PK\x03\x04" + data, "is no ROMFS image"),
        (data[:-1], "is truncated: 1 bytes are missing"),
        (data[:4], "is damaged"),
        (b"\xd2\xcd\x31\x04\x05\x20\x01a", "is damaged"),
    ]:
        image.write_bytes(wrong)
        result = command("list", image, cwd=tmp_path)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr == f"store: {image} {error}\n"


def test_carousels_store_packs(tmp_path: Path) -> None:
    files = pack(ROOT / "firmware/apps/carousel.yaml", tmp_path / "image")
    assert set(files) == {"main.py", "kv.json"}
