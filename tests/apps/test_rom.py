# SPDX-License-Identifier: MIT
"""The ROM store as an image, and apps in it: .py, .mpy, and folders of either."""

import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from screen import draw as draw_screen
from store import MPY_CROSS, make_image, pack
from support.program import Program, Run

Draw = Callable[..., dict]

# Data that begins as an image does: the stand-in reads only the beginning.
PNG = b"\x89PNG\r\n\x1a\n"
FILES = {
    "kv.json": '{"b": "2", "a": "é", "empty": ""}'.encode(),
    "images/apple.bmp": b"BM123",
    "images/zebra.png": PNG + b"stripes",
    "images/zebra.bmp": b"BM, not the PNG",
    "images/notes.txt": b"no image",
}
WHO_AM_I = """\
import sys
import __main__
known = ['sys' in globals(), 'args' in globals()]
print([__name__, __file__, sys.argv, sys.path[:2], __main__.__file__] + known)
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with FILES."""
    path = tmp_path / "image"
    path.write_bytes(make_image(FILES))
    return path


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    """The same as a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def compile_app(code: str, path: Path) -> Path:
    """Precompile code into the .mpy file path; tracebacks name it app.py."""
    source = path.with_name("source.py")
    source.write_text(code)
    subprocess.run([MPY_CROSS, "-s", "app.py", "-o", path, source], check=True, timeout=60)
    source.unlink()
    return path


def with_store(run_app: Program, store: Path, *args: str | Path, **more: object) -> Run:
    return run_app.command(args, env={"DL7450_ROM": str(store)}, **more)


def test_stores_read_an_image_as_they_read_the_folder(run_app: Program, image: Path, tmp_path: Path) -> None:
    app = """
        import image
        from datastore import ImageStore, KvStore
        images, pairs = ImageStore(), KvStore()
        for tag in images.list():
            data, kind = images.get(tag)
            show(tag, type(data).__name__, bytes(data), kind == image.PNG)
            data[0] = 0  # a copy: the store stays as it is
            show(bytes(images.get(tag)[0]))
        for key in pairs.list():
            show(key, pairs.get(key))
        show(pairs.get('missing'))
        try:
            images.get('notes')
        except ValueError as e:
            show(str(e).replace(ROM, 'ROM'))
        """
    folder = write_folder(tmp_path / "folder", FILES)
    lines = [
        run_app(app, env={"DL7450_ROM": str(store)}, ROM=rom).ok().lines
        for store, rom in ((folder, str(folder)), (image, "/rom"))
    ]
    assert lines[0] == lines[1]
    assert lines[0][:4] == [
        ("apple", "bytearray", b"BM123", False),
        (b"BM123",),
        ("zebra", "bytearray", PNG + b"stripes", True),
        (PNG + b"stripes",),
    ]
    assert lines[0][4:] == [
        ("a", "é"),
        ("b", "2"),
        ("empty", ""),
        ("",),
        ("image_tag: there is no image 'notes' in ROM",),
    ]


def test_image_may_be_empty_of_pairs_and_images(run_app: Program, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(make_image({}))
    code = "from datastore import *\nshow(ImageStore().list(), KvStore().list(), KvStore().get('a'))\n"
    assert run_app(code, env={"DL7450_ROM": str(tmp_path / "image")}).shown == ([], [], "")


def test_token_shows_an_image_that_lies_in_an_image(draw: Draw, screen: Path, image: Path) -> None:
    code = """
        from datastore import ImageStore
        from splashscreen import Splashscreen
        Splashscreen().set_background(ImageStore().get_token('apple'))
        """
    assert draw(code, env={"DL7450_ROM": str(image)})["background"] == "background.bmp"
    assert (screen / "background.bmp").read_bytes() == b"BM123"


def test_image_packed_from_a_configuration_is_what_the_app_sees(run_app: Program, tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "main.py").write_text(
        "from datastore import *\nprint(KvStore().get('name'), bytes(ImageStore().get('one')[0]) == "
        "open('a.png', 'rb').read())\n"
    )
    config = tmp_path / "config.yaml"
    config.write_text(
        "code: main.py\nkv_store: {name: Größe}\nimages:\n  one: {type: png, path: a.png}\n", encoding="utf-8"
    )
    for compiled in (False, True):
        pack(config, tmp_path / "image", compiled=compiled)
        assert with_store(run_app, tmp_path / "image", "/rom").ok().stdout == "Größe True\n"


def test_apps_cannot_change_the_store(run_app: Program, image: Path) -> None:
    result = run_app(
        """
        import os
        from datastore import KvStore
        for change in (lambda: open('/rom/kv.json', 'w'), lambda: open('/rom/kv.json', 'r+b'),
                       lambda: open('/rom/new', 'a'), lambda: os.remove('/rom/kv.json'),
                       lambda: os.mkdir('/rom/x')):
            try:
                change()
            except (OSError, AttributeError):
                continue
            show('changed')
        view = memoryview(open('/rom/kv.json', 'rb'))
        try:
            view[0] = 0
            show('written')
        except TypeError:
            pass
        os.putenv('DL7450_ROM', '/nowhere')
        show(KvStore().get('b'))
        """,
        env={"DL7450_ROM": str(image)},
    )
    assert result.shown == ("2",)


def test_image_may_be_replaced_while_an_app_runs(run_app: Program, image: Path, tmp_path: Path) -> None:
    (tmp_path / "next").write_bytes(make_image({"kv.json": b'{"b": "new"}'}))
    code = """
        import os
        from datastore import KvStore
        os.rename('next', 'image')
        show(KvStore().get('b'))
        """
    assert run_app(code, env={"DL7450_ROM": str(image)}).shown == ("2",)
    code = code.replace("os.rename('next', 'image')", "")
    assert run_app(code, env={"DL7450_ROM": str(image)}).shown == ("new",)


def test_heap_does_not_grow_with_the_size_of_the_store(run_app: Program, image: Path, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(make_image(FILES | {"images/huge.png": PNG + bytes(12_900_000)}))
    code = """
        from datastore import ImageStore, KvStore
        data = ImageStore().get('apple')
        token = ImageStore().get_token('zebra')
        value = KvStore().get('b')
        gc.collect()
        show(gc.mem_alloc())
        """
    used = [run_app(code, env={"DL7450_ROM": str(path)}, heap="256K").shown[0] for path in (image, big)]
    assert abs(used[0] - used[1]) < 1024


def test_image_of_the_store_is_in_the_heap_once(run_app: Program, image: Path) -> None:
    image.write_bytes(make_image({"images/large.png": PNG + bytes(600_000)}))
    code = "from datastore import ImageStore\nshow(len(ImageStore().get('large')[0]))\n"
    assert run_app(code, env={"DL7450_ROM": str(image)}, heap="1M").shown == (600_008,)


def test_trailing_bytes_do_not_matter(run_app: Program, image: Path) -> None:
    image.write_bytes(image.read_bytes() + b"\xff" * 5000)
    code = "from datastore import KvStore\nshow(KvStore().get('b'))\n"
    assert run_app(code, env={"DL7450_ROM": str(image)}).shown == ("2",)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "it is no ROMFS image"),
        (b"\xd2\xcd", "it is no ROMFS image"),
        (b"RM1\x00", "it is no ROMFS image"),
        (b"PK\x03\x04" + bytes(100), "it is no ROMFS image"),
        (b"\xd2\xcd\x31", "it is a damaged ROMFS image"),
        (b"\xd2\xcd\x31\x80", "it is a damaged ROMFS image"),
        (b"\xd2\xcd\x31" + b"\xff" * 9 + b"\x7f", "it is a damaged ROMFS image"),
        (b"\xd2\xcd\x31\x0a", "it is truncated: 10 bytes are missing"),
        (b"\xd2\xcd\x31\x04\x05\x20\x01a", "it is a damaged ROMFS image"),  # a file larger than the image
        (b"\xd2\xcd\x31\x04\x04\x02\x09a", "it is a damaged ROMFS image"),  # a name longer than its folder
        (b"\xd2\xcd\x31\x04\x00\x02ab", "it is a damaged ROMFS image"),  # not a record
        (b"\xd2\xcd\x31\x08\x05\x06\x01a\x03\x02\x09\x00", "it is a damaged ROMFS image"),  # data elsewhere
        (None, "[Errno 2] ENOENT"),
    ],
)
@pytest.mark.parametrize("args", [["-c", "print(1)"], ["/rom"], ["-i"], []])
def test_what_is_no_image_ends_the_program_before_an_app_runs(
    run_app: Program, tmp_path: Path, data: bytes | None, error: str, args: list[str]
) -> None:
    image = tmp_path / "image"
    if data is not None:
        image.write_bytes(data)
    result = with_store(run_app, image, *args, stdin="print(1)\n")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"dl7450: can't open the ROM store of DL7450_ROM, '{image}': {error}\n"


def test_every_truncation_of_an_image_is_noticed(run_app: Program, image: Path) -> None:
    data = image.read_bytes()
    for length in range(0, len(data), 17):
        image.write_bytes(data[:length])
        assert with_store(run_app, image, "-c", "").returncode == 2, length


def test_damaged_image_never_crashes_the_program(run_app: Program, image: Path) -> None:
    data = image.read_bytes()
    chance = random.Random(7450)
    code = """
        import os
        from datastore import ImageStore, KvStore
        def walk(folder):
            for name in os.listdir(folder):
                try:
                    with open(folder + '/' + name, 'rb') as f:
                        len(f.read())
                except OSError:
                    walk(folder + '/' + name)
        for read in (lambda: KvStore().list(), lambda: ImageStore().list(), lambda: walk('/rom')):
            try:
                read()
            except (OSError, ValueError, RuntimeError):
                pass
        """
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(3, len(data))] = chance.randrange(256)
        image.write_bytes(damaged)
        assert run_app(code, env={"DL7450_ROM": str(image)}).returncode in (0, 1, 2), damaged


# Apps in a store, and precompiled apps anywhere


@pytest.mark.parametrize("name", ["main.py", "main.mpy"])
@pytest.mark.parametrize("program", ["/rom", "/rom/", "/rom/main.py"])
def test_app_of_the_store_runs_as_any_app(run_app: Program, tmp_path: Path, name: str, program: str) -> None:
    program = program.replace("main.py", name)
    app = tmp_path / "app.py"
    app.write_text(WHO_AM_I)
    data = app.read_bytes() if name == "main.py" else compile_app(WHO_AM_I, tmp_path / "a.mpy").read_bytes()
    (tmp_path / "image").write_bytes(make_image({name: data}))
    result = with_store(run_app, tmp_path / "image", program, "an argument").ok()
    main = f"/rom/{name}"
    expected = ["__main__", main, [program, "an argument"], [".frozen", "/rom"], main, True, False]
    assert result.stdout == f"{expected}\n"


def test_precompiled_app_sees_what_its_source_sees(run_app: Program, tmp_path: Path) -> None:
    code = WHO_AM_I + "print(sorted(globals()), sorted(dir()), sorted(sys.modules))\n"
    app = tmp_path / "sub" / "the.app.py"
    app.parent.mkdir()
    app.write_text(code)
    mpy = compile_app(code, app.with_suffix(".mpy"))
    for program in (app, app.relative_to(tmp_path)):
        source = run_app.command([program, "x"]).ok().stdout
        assert f"'{program}'" in source
        compiled = run_app.command([program.with_suffix(".mpy"), "x"]).ok().stdout
        assert compiled == source.replace(".py'", ".mpy'")
    assert mpy.exists()


def test_folder_runs_its_main_file(run_app: Program, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "helper.py").write_text("def help():\n    return 'helped'\n")
    compile_app("from helper import help\nprint('compiled', help())\n", folder / "main.mpy")
    assert run_app.command(["app"]).ok().stdout == "compiled helped\n"
    (folder / "main.py").write_text("from helper import help\nprint('source', help())\n")
    assert run_app.command([folder]).ok().stdout == "source helped\n"


@pytest.mark.parametrize("folder", [".", "/rom"])
def test_folder_without_an_app_is_an_error(run_app: Program, image: Path, folder: str) -> None:
    result = with_store(run_app, image, folder)
    assert (result.returncode, result.stdout) == (2, "")
    assert (
        result.stderr == f"dl7450: can't open file '{folder}': there is neither main.py nor main.mpy in it\n"
    )


def test_callbacks_and_timers_of_a_precompiled_app_run(run_app: Program, tmp_path: Path) -> None:
    code = """\
from wakeup import Timer
count = 0
def tick():
    global count
    count += 1
    print(count)
    if count == 2:
        timer.cancel()
timer = Timer(tick, 1, 1)
"""
    (tmp_path / "image").write_bytes(
        make_image({"main.mpy": compile_app(code, tmp_path / "a.mpy").read_bytes()})
    )
    assert with_store(run_app, tmp_path / "image", "/rom").ok().stdout == "1\n2\n"


FAULT = """\
def f():
    return 1


def g():
    return f() / 0


{start}
"""


@pytest.mark.parametrize(
    "start", ["g()", "from wakeup import Timer; timer = Timer(g, 0)"], ids=["main part", "callback"]
)
def test_fault_of_a_precompiled_app_names_file_and_line(run_app: Program, tmp_path: Path, start: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("code: carousel.py\n")
    (tmp_path / "carousel.py").write_text(FAULT.format(start=start))
    pack(config, tmp_path / "image", compiled=True)
    result = with_store(run_app, tmp_path / "image", "/rom")
    assert result.returncode == 1
    assert 'File "carousel.py", line 6, in g\nZeroDivisionError: divide by zero\n' in result.stderr
    assert ('File "carousel.py", line 9, in <module>\n' in result.stderr) == (start == "g()")


@pytest.mark.parametrize(
    ("code", "returncode"), [("import sys\nsys.exit(7)", 7), ("raise ValueError('x')", 1)]
)
def test_exit_code_of_a_precompiled_app_is_its_own(
    run_app: Program, tmp_path: Path, code: str, returncode: int
) -> None:
    assert run_app.command([compile_app(code, tmp_path / "a.mpy")]).returncode == returncode


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (b"", "truncated .mpy file"),
        (b"#!/usr/bin/env", "incompatible .mpy file"),
        (b"M\x05\x00\x1f", "incompatible .mpy file"),
        # Native code for ARM: some programs accept no native code at all.
        (b"M\x06\x13\x1f", "(incompatible .mpy arch|native code in .mpy unsupported)"),
    ],
)
def test_precompiled_app_for_something_else_is_an_error(
    run_app: Program, tmp_path: Path, header: bytes, error: str
) -> None:
    data = header + bytes(20) if header else b""
    (tmp_path / "app.mpy").write_bytes(data)
    (tmp_path / "image").write_bytes(make_image({"main.mpy": data}))
    result = run_app.command(["app.mpy"])
    assert (result.returncode, result.stdout) == (2, "")
    assert re.fullmatch(f"dl7450: can't open file 'app.mpy': {error}\n", result.stderr)
    result = with_store(run_app, tmp_path / "image", "/rom")
    assert (result.returncode, result.stdout) == (2, "")
    assert re.fullmatch(f"dl7450: can't open file '/rom/main.mpy': {error}\n", result.stderr)


def test_precompiled_app_that_is_cut_off_is_an_error(run_app: Program, tmp_path: Path) -> None:
    data = compile_app(FAULT.format(start="print(g, 1.5, b'bytes')"), tmp_path / "app.mpy").read_bytes()
    for length in (*range(4, len(data), 9), len(data) - 1):
        (tmp_path / "app.mpy").write_bytes(data[:length])
        (tmp_path / "image").write_bytes(make_image({"main.mpy": data[:length]}))
        for program in ("app.mpy", "/rom"):
            result = with_store(run_app, tmp_path / "image", program)
            assert (result.returncode, result.stdout) == (2, "")
            assert result.stderr.endswith(".mpy': truncated .mpy file\n")


def test_precompiled_app_runs_in_place(run_app: Program, tmp_path: Path) -> None:
    code = "def f():\n    pass\n" + "".join(f"    print({number})\n" for number in range(9000))
    mpy = compile_app(code, tmp_path / "large.mpy")
    (tmp_path / "image").write_bytes(make_image({"main.mpy": mpy.read_bytes()}))
    load = """
        import _rom
        gc.collect()
        before = gc.mem_alloc()
        code = _rom.load_mpy(PATH)
        gc.collect()
        show(gc.mem_alloc() - before)
        """
    size = mpy.stat().st_size
    assert run_app(load, PATH=str(mpy)).shown[0] > size > 50_000
    assert run_app(load, PATH="/rom/main.mpy", env={"DL7450_ROM": str(tmp_path / "image")}).shown[0] < 2000


def test_precompiled_app_that_is_missing_is_an_error(run_app: Program) -> None:
    result = run_app.command(["none.mpy"])
    assert (result.returncode, result.stderr) == (2, "dl7450: can't open file 'none.mpy': [Errno 2] ENOENT\n")


@pytest.mark.parametrize("background", ["*images.get('photo')", "images.get_token('photo')"])
def test_jpeg_of_the_store_is_shown(draw: Draw, screen: Path, tmp_path: Path, background: str) -> None:
    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (8, 8), "red").save(photo)
    config = tmp_path / "config.yaml"
    config.write_text("images: {photo: {type: jpeg, path: photo.jpg}}\n")
    pack(config, tmp_path / "image")
    code = f"""
        from datastore import ImageStore
        from splashscreen import Splashscreen
        images = ImageStore()
        Splashscreen().set_background({background})
        """
    assert draw(code, env={"DL7450_ROM": str(tmp_path / "image")})["background"] == "background.jpeg"
    assert (screen / "background.jpeg").read_bytes() == photo.read_bytes()
    red, green, blue = draw_screen(screen).picture.getpixel((5, 5))
    assert red > 200 > 50 > max(green, blue)
