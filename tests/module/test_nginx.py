# SPDX-License-Identifier: MIT
"""Uploads to a real nginx, and its Basic authentication."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from nginx_servers import nginx_servers
from servers.certs import Certs
from servers.nginx import find_nginx
from servers.wire import numbered_bytes
from support.program import Program

# {PLAIN} is nginx's own form of a password that is not hashed.
_SERVER = """server {{
    listen 127.0.0.1:{port};
    location /store/ {{ dav_methods PUT DELETE; create_full_put_path on; }}
    location /small/ {{ dav_methods PUT; create_full_put_path on; client_max_body_size 1k; }}
    location /closed/ {{
        auth_basic "closed"; auth_basic_user_file {users}; dav_methods PUT; create_full_put_path on;
    }}
}}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nginx's folder; www is what it serves."""
    folder = tmp_path_factory.mktemp("store")
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def store(folder: Path, certs: Certs) -> Iterator[str]:
    """The origin of an nginx that takes files."""
    users = folder / "users"
    users.write_text("carol:{PLAIN}sesame\n")

    def server(port: int) -> str:
        return _SERVER.format(port=port, users=users)

    with nginx_servers(find_nginx(), folder, certs.leaf, 1, server) as (port,):
        # Workers of a root's nginx run as nobody.
        (folder / "www").chmod(0o777)
        yield f"http://127.0.0.1:{port}"


def sha256(path: Path) -> str:
    """The file's hash."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_file_is_uploaded_from_disk_and_comes_back(run_app: Program, store: str, folder: Path) -> None:
    content = numbered_bytes(20 << 20)
    (run_app.folder / "up").write_bytes(content)
    run = run_app(
        """
        with open("up", "rb") as f:
            show(http.put(URL + "/store/a/b", data=f).status_code())
        show(http.get(URL + "/store/a/b", file="down", max_size=0).status_code(), http.stats()["free"])
        show(http.delete(URL + "/store/a/b").status_code(), http.get(URL + "/store/a/b").status_code())
        """,
        URL=store,
        heap="256K",
    )
    assert run.ok().lines == [(201,), (200, 16), (204, 404)]
    assert sha256(run_app.folder / "down") == hashlib.sha256(content).hexdigest()


def test_bytes_are_uploaded_at_once_from_sixteen_requests(run_app: Program, store: str, folder: Path) -> None:
    run = run_app(
        """
        def put(n):
            url = URL + "/store/many/%d" % n
            http.put_async(url, lambda r: codes.append(r.status_code()), data=bytes([n]) * 50000)

        codes = []
        for n in range(16):
            put(n)
        import idle
        idle.run()
        show(codes, http.stats()["free"])
        """,
        URL=store,
    )
    assert run.shown == ([201] * 16, 16)
    stored = {path.name: path.read_bytes() for path in (folder / "www/store/many").iterdir()}
    assert stored == {str(n): bytes([n]) * 50000 for n in range(16)}


def test_body_that_nginx_finds_too_large_is_413(run_app: Program, store: str) -> None:
    run = run_app(
        "show(http.put(URL + '/small/f', data=bytes(900)).status_code(),"
        " http.put(URL + '/small/f', data=bytes(5 << 20)).status_code(), http.stats()['free'])",
        URL=store,
    )
    assert run.shown == (201, 413, 16)


@pytest.mark.parametrize(
    ("auth", "status"),
    [(("carol", "sesame"), 201), (("carol", "wrong"), 401), (("eve", "sesame"), 401), (None, 401)],
    ids=["right", "wrong password", "wrong user", "none"],
)
def test_basic_authentication_of_nginx(
    run_app: Program, store: str, auth: tuple[str, str] | None, status: int
) -> None:
    run = run_app(
        "show(http.put(URL + '/closed/' + str(STATUS), data=b'x', auth=AUTH).status_code())",
        URL=store,
        AUTH=auth,
        STATUS=status,
    )
    assert run.shown == (status,)
