# SPDX-License-Identifier: Apache-2.0
"""A real container registry on the loopback address, and small real images made of this machine's programs."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import re
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.servers import HOST, accepts_connections, executable, free_port, running

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Registry:
    """A registry at ``HOST:port`` that keeps its blobs below ``folder``."""

    def __init__(self, folder: Path, port: int) -> None:
        self.address = f"{HOST}:{port}"
        self._folder = folder

    def push(self, name: str, program: str, *, version: str = "1") -> str:
        """Push an image of one program with the libraries it needs and give its pinned name."""
        layer = _layer(program)
        packed = gzip.compress(layer, compresslevel=1, mtime=0)
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": {"version": version}, "Env": ["PATH=/usr/bin:/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
        blobs = [(CONFIG, json.dumps(config).encode()), (LAYER, packed)]
        described = [self._describe(name, kind, blob) for kind, blob in blobs]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": described[0], "layers": described[1:]}
        text = json.dumps(manifest).encode()
        self._name(name, _digest(text), text, MANIFEST)
        # One name for several machines, as the projects that we take images from publish them.
        described = {"mediaType": MANIFEST, "digest": _digest(text), "size": len(text)}
        machines = [{**described, "platform": {"os": "linux", "architecture": one}} for one in ("amd64", "arm64")]
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": machines}).encode()
        self._name(name, version, index, INDEX)
        return f"{self.address}/{name}:{version}@{_digest(index)}"

    def tamper(self, image: str) -> None:
        """Change one byte of the image's layer where the registry keeps it."""
        index = json.loads(self._blob(image.partition("@")[2]).read_bytes())
        manifest = json.loads(self._blob(index["manifests"][0]["digest"]).read_bytes())
        layer = self._blob(manifest["layers"][0]["digest"])
        content = bytearray(layer.read_bytes())
        content[len(content) // 2] ^= 1
        layer.write_bytes(content)

    def tamper_manifest(self, image: str) -> None:
        """Change what the image's digest stands for where the registry keeps it, so that it still can be read."""
        index = self._blob(image.partition("@")[2])
        index.write_bytes(index.read_bytes() + b"\n")

    def _blob(self, digest: str) -> Path:
        value = digest.partition(":")[2]
        return self._folder / "docker/registry/v2/blobs/sha256" / value[:2] / value / "data"

    def _name(self, name: str, reference: str, text: bytes, kind: str) -> None:
        self._call("PUT", f"{name}/manifests/{reference}", text, kind).close()

    def _describe(self, name: str, kind: str, blob: bytes) -> dict[str, object]:
        with self._call("POST", f"{name}/blobs/uploads/", b"", "") as answer:
            place = answer.headers["Location"]
        joint = "&" if "?" in place else "?"
        path = place.partition("/v2/")[2]
        self._call("PUT", f"{path}{joint}digest={_digest(blob)}", blob, "application/octet-stream").close()
        return {"mediaType": kind, "digest": _digest(blob), "size": len(blob)}

    def _call(self, method: str, path: str, body: bytes, kind: str):
        headers = {"Content-Type": kind} if kind else {}
        request = urllib.request.Request(f"http://{self.address}/v2/{path}", body, headers, method=method)
        return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30)


@contextlib.contextmanager
def registry() -> Iterator[Registry]:
    """Run a registry in a temporary folder."""
    program = executable("docker-registry")
    with tempfile.TemporaryDirectory(prefix="magnum-lite-registry-") as name:
        folder, port = Path(name), free_port()
        settings = {
            "version": "0.1",
            "storage": {"filesystem": {"rootdirectory": f"{folder}/store"}},
            "http": {"addr": f"{HOST}:{port}"},
        }
        # The registry reads YAML, of which JSON is a part.
        (folder / "settings.yml").write_text(json.dumps(settings))
        command = [program, "serve", f"{folder}/settings.yml"]
        with running(command, folder / "log", ready=lambda: accepts_connections(port)):
            yield Registry(folder / "store", port)


def _layer(program: str) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path in (program, *_libraries(program)):
            archive.add(Path(path).resolve(), arcname=path.lstrip("/"))
    return content.getvalue()


def _libraries(program: str) -> Sequence[str]:
    shown = subprocess.run(["ldd", program], capture_output=True, text=True, timeout=30, check=False).stdout
    return re.findall(r"(/\S+) \(0x", shown)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
