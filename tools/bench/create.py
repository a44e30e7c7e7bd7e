# SPDX-License-Identifier: Apache-2.0
"""Creates clusters at once on the pocket cloud and tells what that costs: time, SQL statements, calls and memory."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import figures
from costs import Costs, Run
from house import BenchFailed, House
from tenant import ROUTE_OF_POLLS, Tenant

from magnum_lite.errors import MagnumLiteError
from magnum_lite.pocketcloud.server import free_port


def main() -> int:
    """Do what the command line asks and give the exit code."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="magnum-lite-bench-", ignore_cleanup_errors=True) as folder:
        house = House(Path(folder), api_port=free_port(), cloud_port=free_port(), given=options.set)
        try:
            house.start(options.transport_url)
            runs = _measure(house, options)
        except (BenchFailed, MagnumLiteError, OSError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        finally:
            house.stop()
    rows = [figures.row_of(run) for run in runs]
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1))
    print(figures.table(rows, masters=options.masters, workers=options.workers))
    if options.details:
        print(figures.details(runs[-1]))
    return 0


def _options() -> argparse.Namespace:
    top = argparse.ArgumentParser(description="Tell what creating clusters costs.")
    top.add_argument("--clusters", default="1,10,100", type=_numbers, help="how many at once, one run each (1,10,100)")
    top.add_argument("--masters", type=int, default=1, help="masters of each cluster (1)")
    top.add_argument("--workers", type=int, default=2, help="workers of each cluster (2)")
    top.add_argument("--seconds", type=float, default=600, help="how long one run may take to complete (600)")
    top.add_argument("--transport-url", help="a RabbitMQ, for API and conductor in processes of their own")
    top.add_argument("--set", action="append", default=[], metavar="GROUP.OPTION=VALUE", help="set an option")
    top.add_argument("--json", type=Path, help="a file to write the rows of the table to")
    top.add_argument("--details", action="store_true", help="show statements and calls of the last run one by one")
    return top.parse_args()


def _numbers(text: str) -> list[int]:
    words = text.split(",")
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of whole numbers above 0, such as 1,10,100")
    return [int(word) for word in words]


def _measure(house: House, options: argparse.Namespace) -> list[Run]:
    tenant = Tenant(cloud_url=house.cloud_url, api_url=house.api_url)
    # The first cluster pays for what is looked up once in the life of a process.
    warm = tenant.create(["warm-up"], masters=options.masters, workers=options.workers)
    tenant.await_complete(warm, options.seconds)
    tenant.delete(warm)
    tenant.await_gone(warm, options.seconds)
    return [_run(house, tenant, number, options) for number in options.clusters]


def _run(house: House, tenant: Tenant, number: int, options: argparse.Namespace) -> Run:
    names = [f"bench-{number}-{index}" for index in range(number)]
    before, began = _so_far(house), time.monotonic()
    uuids = tenant.create(names, masters=options.masters, workers=options.workers)
    accepted = time.monotonic() - began
    tenant.await_complete(uuids, options.seconds)
    complete = time.monotonic() - began
    between = _so_far(house)
    memory, durations = house.memory(), tenant.durations(uuids)
    begun_deleting = _so_far(house)
    tenant.delete(uuids)
    tenant.await_gone(uuids, options.seconds)
    deleting = begun_deleting.until(_so_far(house))
    print(f"bench: {number} done, accepted after {accepted:.1f} s, complete after {complete:.1f} s", file=sys.stderr)
    return Run(number, accepted, complete, durations, before.until(between), deleting, memory)


def _so_far(house: House) -> Costs:
    counted = {key: n for key, n in house.statements().items() if key[0] != ROUTE_OF_POLLS}
    return Costs(Counter(counted), Counter(house.calls()), house.processor_seconds())


if __name__ == "__main__":
    sys.exit(main())
