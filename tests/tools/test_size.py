# SPDX-License-Identifier: MIT
"""tools/size.py: the sum of the parts is the program's size, and changes are reported."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import size

MAP = """Archive member included to satisfy reference by file (symbol)

Discarded input sections

 .text.unused   0x0000000000000000      0x100 /b/UNIX/http/engine/calls.o

Linker script and memory map

LOAD /b/UNIX/py/vm.o

.text           0x0000000000001000      0x140
 *(.text .text.*)
 .text.mp_vm    0x0000000000001000       0x40 /b/UNIX/py/vm.o
                0x0000000000001000                mp_vm
 *fill*         0x0000000000001040       0x10
 .text.a_name_that_does_not_fit
                0x0000000000001050       0x50 /b/UNIX/http/engine/calls.o
 .text          0x00000000000010a0       0x60 /b/UNIX/sysroot/lib/libcurl.a(easy.o)
 .text          0x0000000000001100       0x38 /b/UNIX/sysroot/lib/libmbedx509.a(x509.o)

.rodata         0x0000000000002000       0x30
 .rodata.str1.1
                0x0000000000002000       0x28 /b/UNIX/py/vm.o
                                         0x40 (size before relaxing)
 .rodata.fun_data_http__request_get
                0x0000000000002020        0x5 /b/UNIX/frozen_content.o
 .rodata.const_obj_table_data_datetime__numbers
                0x0000000000002025        0x3 /b/UNIX/frozen_content.o
 .rodata        0x0000000000002028        0x8 /b/UNIX/sysroot/lib/libz.a(inflate.o)

.got            0x0000000000003000       0x18
 *(.got)
 .got           0x0000000000003000       0x18 /usr/lib/crt1.o

.data           0x0000000000003020        0x8
 .data          0x0000000000003020        0x8 /b/UNIX/firmware/unix_main.o

.bss            0x0000000000003030       0x20
 .bss           0x0000000000003030       0x10 /b/UNIX/sysroot/lib/libc.a(malloc.lo)
 COMMON         0x0000000000003040       0x10 /b/UNIX/http/engine/calls.o

.comment        0x0000000000000000       0x1f
 .comment       0x0000000000000000       0x20 /b/UNIX/py/vm.o
"""


def column(sizes: dict[str, size.Sizes], name: str) -> dict[str, int]:
    return {part: values[name] for part, values in sizes.items() if values[name]}


def test_bytes_are_counted_for_the_part_they_come_from() -> None:
    parts = size.read_map(MAP).parts
    assert column(parts, "text") == {
        "MicroPython": 0x40,
        "http (C)": 0x50,
        "libcurl": 0x60,
        "mbedTLS": 0x38,
        size.REST: 0x10 + 0x8,  # within, and at the end
    }
    # The map counts merged strings twice; the tool counts them once.
    assert column(parts, "rodata") == {"MicroPython": 0x20, "frozen Python": 5, "stand-ins": 3, "zlib": 8}
    assert column(parts, "data") == {"firmware (C)": 8, size.REST: 0x18}
    assert column(parts, "bss") == {"http (C)": 0x10, "C library, libgcc": 0x10}


def test_other_files_are_refused() -> None:
    with pytest.raises(ValueError, match="no linker map"):
        size.read_map("int main(void);\n")


def test_sums_are_the_sizes_of_the_programs_sections(binary: Path) -> None:
    program = binary.with_name("dl7450")
    listing = subprocess.run(["readelf", "-SW", program], check=True, capture_output=True, text=True).stdout
    loaded = {}
    for name, address, number in re.findall(r"\] (\.\S+) +\S+ +(\w+) \w+ (\w+) ", listing):
        if int(address, 16):
            group = size.column_of(name)
            loaded[group] = loaded.get(group, 0) + int(number, 16)
    found = size.read_map(program.with_name("dl7450.map").read_text())
    assert found.total() == loaded
    assert found.parts["http (C)"]["text"] > 10_000
    assert found.parts["frozen Python"]["rodata"] > 10_000
    assert found.parts["stand-ins"]["rodata"] > 10_000


def test_frozen_package_is_a_part_of_its_own() -> None:
    frozen = "/b/frozen_content.o"
    assert size.part_of(frozen, ".rodata.fun_data_requests_models__url") == "requests, frozen"
    assert size.part_of(frozen, ".rodata.const_obj_table_data_urllib3_util_retry") == "requests, frozen"
    assert (
        size.part_of(frozen, ".rodata.fun_data_kivy_network_urlrequest__lt_module_gt_")
        == "urlrequest, frozen"
    )
    assert size.part_of(frozen, ".rodata.children_urlrequest_UrlRequest") == "urlrequest, frozen"
    assert size.part_of(frozen, ".rodata.fun_data_webrequest_cancel") == "webrequest, frozen"
    assert size.part_of(frozen, ".rodata.fun_data_http__request_requests") == "frozen Python"
    assert size.part_of(frozen, ".rodata.mp_qstr_frozen_const_pool") == "frozen Python"
    assert size.part_of("/b/main.o", ".rodata.fun_data_requests_models") == "MicroPython"


@pytest.mark.parametrize(
    ("now", "then", "beyond"),
    [
        (1024, 0, False),
        (1025, 0, True),
        (102_000, 100_000, False),
        (102_001, 100_000, True),
        (97_999, 100_000, True),
    ],
)
def test_change_matters_beyond_two_percent_and_a_kibibyte(now: int, then: int, beyond: bool) -> None:
    assert size.is_beyond(now, then) is beyond


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program whose map is MAP."""
    (tmp_path / "dl7450").write_bytes(b"\x7fELF")
    (tmp_path / "dl7450.map").write_text(MAP)
    return tmp_path / "dl7450"


def recorded(program: Path, **changes: object) -> Path:
    """Return the record of a program, with changes: libcurl=additional bytes of text, compiler=name."""
    path = program.with_name("size.json")
    size.main([str(program), str(path), "--record"])
    record = json.loads(path.read_text())
    record["compiler"] = changes.get("compiler", record["compiler"])
    record["parts"]["libcurl"]["text"] += changes.get("libcurl", 0)
    path.write_text(json.dumps(record))
    return path


def test_what_was_recorded_is_no_change(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded(program)
    assert size.main([str(program), str(path), "--check"]) == 0
    assert "grew" not in capsys.readouterr().out


def test_growth_fails_the_check_only(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded(program, libcurl=-2000)
    assert size.main([str(program), str(path)]) == 0
    assert size.main([str(program), str(path), "--check"]) == 1
    assert "libcurl +2,000" in capsys.readouterr().out


def test_stand_ins_beyond_their_budget_fail_the_check(
    program: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = recorded(program)
    monkeypatch.setitem(size.BUDGETS, "stand-ins", 2)
    assert size.main([str(program), str(path)]) == 0
    assert size.main([str(program), str(path), "--check"]) == 1
    assert "stand-ins: 3 bytes of at most 2" in capsys.readouterr().out


def test_shrinking_asks_for_a_new_record(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded(program, libcurl=2000)
    assert size.main([str(program), str(path), "--check"]) == 0
    assert "RECORD=1" in capsys.readouterr().out


def test_another_compilers_record_is_no_error(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded(program, libcurl=-2000, compiler="another")
    assert size.main([str(program), str(path), "--check"]) == 0
    assert "another compiler" in capsys.readouterr().out


def test_without_a_record_there_is_nothing_to_compare(program: Path, tmp_path: Path) -> None:
    assert size.main([str(program), str(tmp_path / "none.json"), "--check"]) == 0
