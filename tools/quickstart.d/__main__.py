# SPDX-License-Identifier: Apache-2.0
"""Shows magnum_lite in one go: the services, a cluster made by a customer's request, and what came of it."""

import argparse
import sys
import time
from pathlib import Path

import programs
import report
from customer import CLUSTER, Customer, Wish
from failure import QuickstartFailed
from programs import Programs
from progress import watch
from service import Service

FOLDER = Path(".magnum-lite")


def main() -> int:
    """Do what the command line asks and give the exit code."""
    arguments = _arguments()
    try:
        given = None if arguments.kubernetes is None else programs.read(arguments.kubernetes)
        folders = () if given is None else given.folders
        service = Service(FOLDER, api_port=arguments.api_port, cloud_port=arguments.cloud_port, programs=folders)
        if arguments.stop:
            print("Stopped." if service.stop() else "Nothing is running.")
            return 0
        return _show(service, given, once=arguments.once)
    except (QuickstartFailed, OSError) as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nquickstart: interrupted; tools/quickstart --stop stops what is running.", file=sys.stderr)
        return 130


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/quickstart", allow_abbrev=False)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--kubernetes", type=Path, metavar="DIR")
    parser.add_argument("--api-port", type=int, default=9511)
    parser.add_argument("--cloud-port", type=int, default=9500)
    return parser.parse_args()


def _show(service: Service, given: Programs | None, *, once: bool) -> int:
    started = time.monotonic()
    print(service.ensure_running(), flush=True)
    try:
        wish = Wish() if given is None else Wish.of_programs(given.release(service))
        customer = Customer(service.environment(), service.api_url, wish)
        uuid = customer.ensure_cluster()
        status = watch(customer, uuid)
        report.show(customer, uuid)
        is_pinned = report.show_components(customer, service, uuid)
        print(f"\nCluster {CLUSTER} is {status} after {time.monotonic() - started:.0f} seconds in all.")
        if given is not None and status == "CREATE_COMPLETE":
            report.show_kubernetes(customer, given, FOLDER)
    finally:
        if once:
            service.stop()
            print("Stopped everything again.")
    if not once:
        report.show_what_to_type_next(FOLDER, given)
    return 0 if status == "CREATE_COMPLETE" and is_pinned else 1


if __name__ == "__main__":
    sys.exit(main())
