"""Time stamp authorities: `openssl ts` behind an HTTP server on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

POLICY = "1.3.6.1.4.1.99999.1"
_CONFIG = f"""[tsa]
default_tsa = it
[it]
serial = serial
signer_digest = sha256
default_policy = {POLICY}
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    """A root, and a key that stamps under it. `folder` holds both."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def stamp(self, request: bytes) -> bytes:
        """A TimeStampResp to a TimeStampReq."""
        (self.folder / "query").write_bytes(request)
        self._run(
            "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-signer", "tsa.pem",
            "-inkey", "tsa.key", "-out", "reply",
        )  # fmt: skip
        return (self.folder / "reply").read_bytes()

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


def authority(folder: Path, name: str = "Rehearsal time") -> Authority:
    """A new one, valid for two days."""
    folder.mkdir(parents=True)
    made = Authority(folder)
    (folder / "tsa.cnf").write_text(_CONFIG)
    (folder / "serial").write_text("01\n")
    (folder / "use").write_text("extendedKeyUsage = critical, timeStamping\n")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    made._run("req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-days", "2",
              "-subj", f"/CN={name} root")  # fmt: skip
    made._run("req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", f"/CN={name}")
    made._run("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key",
              "-CAcreateserial", "-extfile", "use", "-out", "tsa.pem", "-days", "2")  # fmt: skip
    return made


@contextmanager
def serving(
    answer: Callable[[bytes], bytes], kind: str = "application/timestamp-reply", status: int = 200
) -> Iterator[str]:
    """The address of a server that gives `answer` to every request, as `kind`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = answer(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/stamp"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
