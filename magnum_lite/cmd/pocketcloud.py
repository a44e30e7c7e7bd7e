# SPDX-License-Identifier: Apache-2.0
"""The command ``magnum-lite-pocketcloud``: a small OpenStack on one loopback port."""

from __future__ import annotations

import argparse
import logging
import pathlib
import signal
import sys
import threading
from collections.abc import Sequence

from magnum_lite.pocketcloud.cloud import Settings
from magnum_lite.pocketcloud.server import ADDRESS, PocketCloud, PortTaken


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("magnum-lite-pocketcloud", description="Run a small OpenStack on one loopback port.")
    top.add_argument("--port", type=_port, default=9500, help="the port on 127.0.0.1 (9500)")
    top.add_argument("--state-dir", type=pathlib.Path, required=True, help="where the servers' disks are kept")
    top.add_argument(
        "--magnum-url", default="http://127.0.0.1:9511/v1", help="what the catalog says for container-infra"
    )
    top.add_argument("--server-seconds", type=float, default=0.2, help="how long a server is in BUILD (0.2)")
    top.add_argument("--public-cidr", default="127.24.0.0/16", help="the external network's subnet (127.24.0.0/16)")
    top.add_argument(
        "--programs", type=pathlib.Path, action="append", default=[], help="run programs of this folder on the servers"
    )
    top.add_argument("--downloads", type=pathlib.Path, help="a folder with what the servers would download")
    top.add_argument("--end-with-stdin", action="store_true", help="stop when the standard input is closed")
    top.add_argument("--debug", action="store_true", help="log every request")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 1 with one sentence when the port is taken."""
    options = parser().parse_args(arguments)
    level = logging.DEBUG if options.debug else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings(
        url=f"http://{ADDRESS}:{options.port}",
        magnum_url=options.magnum_url,
        state_dir=options.state_dir.resolve(),
        public_cidr=options.public_cidr,
        server_seconds=options.server_seconds,
        programs=tuple(folder.resolve() for folder in options.programs),
        downloads=options.downloads and options.downloads.resolve(),
    )
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    try:
        pocket = PocketCloud(settings, options.port)
    except (PortTaken, OSError) as error:
        print(f"magnum-lite-pocketcloud: {error}", file=sys.stderr)
        return 1
    if options.end_with_stdin:
        threading.Thread(target=_tell_end_of_stdin, args=(told,), name="stdin", daemon=True).start()
    print(f"pocket cloud listens on {settings.url}", flush=True)
    told.wait()
    pocket.stop()
    return 0


def _tell_end_of_stdin(told: threading.Event) -> None:
    sys.stdin.buffer.read()
    told.set()


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
