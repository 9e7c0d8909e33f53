"""The nginx configuration that is shipped, in front of a real server. Skipped where nginx is not installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from icdref.server.launch import listening_address
from tests.server.serving import ROOT, Server, running, stop

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
MAIN = """
daemon off; master_process off; pid nginx.pid; error_log logs/error.log;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    include {configuration};
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield the server as seen through nginx."""
    directory = tmp_path_factory.mktemp("proxy")
    home = directory / "nginx"
    (home / "logs").mkdir(parents=True)
    port = listening_address("127.0.0.1", 0)[1]
    with running(directory) as server:
        shipped = (ROOT / "deploy" / "nginx.conf").read_text()
        changed = shipped.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}").replace("127.0.0.1:8081", f"127.0.0.1:{port}")
        (home / "icdref.conf").write_text(changed)
        (home / "nginx.conf").write_text(MAIN.format(configuration=home / "icdref.conf"))
        process = subprocess.Popen(
            [str(NGINX), "-p", str(home), "-c", "nginx.conf", "-e", "logs/error.log"], stderr=subprocess.DEVNULL
        )
        try:
            wait_for(port, process, home)
            yield replace(server, port=port)
        finally:
            stop(process)


def wait_for(port: int, process: subprocess.Popen[bytes], home: Path) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError((home / "logs" / "error.log").read_text())


def test_requests_pass_with_path_query_and_a_request_id(proxy: Server) -> None:
    answer = proxy.ask("/api/a%20b?code=M61.051&given=Ada")
    seen = orjson.loads(answer.body)
    assert (seen["path"], seen["query"]) == ("/api/a b", "code=M61.051&given=Ada")
    assert answer.headers["x-request-id"] == seen["headers"]["x-request-id"]
    assert f"id={answer.headers['x-request-id']} " in proxy.line_of(answer.headers["x-request-id"])


def test_conditions_and_compression_pass(proxy: Server) -> None:
    *_, first = (proxy.ask("/api/long") for _ in range(3))
    assert proxy.ask("/api/long", f"If-None-Match: {first.headers['etag']}").status == 304
    assert proxy.ask("/api/long", "Accept-Encoding: gzip").headers["content-encoding"] == "gzip"


def test_metrics_are_hidden_and_large_bodies_refused(proxy: Server) -> None:
    assert proxy.ask("/metrics").status == 404
    assert proxy.ask("/flask/x", method="POST", body=b"x" * 1_100_000).status == 413


def test_the_proxy_logs_no_paths_and_no_queries(proxy: Server) -> None:
    proxy.ask("/api/secret-path?mrn=42")
    logs = [path for path in proxy.output.parent.rglob("logs/*") if path.is_file()]
    assert any(path.stat().st_size for path in logs)
    for path in logs:
        text = path.read_text()
        assert "mrn" not in text
        assert "secret-path" not in text
