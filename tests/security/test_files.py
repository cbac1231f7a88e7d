# SPDX-License-Identifier: MIT
"""A downloaded file is written where the app says, and nowhere else."""

from pathlib import Path

from servers.wire import WireFactory, reply
from support.program import Program


def test_link_that_somebody_put_beside_the_file_is_not_followed(
    run_app: Program, wire: WireFactory, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for slot in range(16):
        (tmp_path / f"slide.png.{slot}.part").symlink_to(victim)
    run = run_app(
        "show([http.get(URL, file=PATH).status_code() for _ in range(2)])",
        URL=wire(reply(200, b"slide", 'Content-Disposition: attachment; filename="../evil"')).url,
        PATH=str(tmp_path / "slide.png"),
    )
    assert run.shown == ([200, 200],)
    assert victim.read_text() == "precious"
    assert (tmp_path / "slide.png").read_bytes() == b"slide"
    assert not (tmp_path / "slide.png").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.py", "slide.png", "victim"]


def test_link_in_place_of_the_file_is_replaced(run_app: Program, wire: WireFactory, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "slide.png").symlink_to(victim)
    run = run_app(
        "show(http.get(URL, file=PATH).status_code())",
        URL=wire(reply(200, b"slide")).url,
        PATH=str(tmp_path / "slide.png"),
    )
    assert run.shown == (200,)
    assert (victim.read_text(), (tmp_path / "slide.png").read_bytes()) == ("precious", b"slide")
