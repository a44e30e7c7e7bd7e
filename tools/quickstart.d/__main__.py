# SPDX-License-Identifier: Apache-2.0
"""Shows magnum_lite in one go: the services, a cluster made by a customer's request, and what came of it."""

import argparse
import sys
import time
from pathlib import Path

import report
from customer import CLUSTER, Customer
from failure import QuickstartFailed
from progress import watch
from service import Service

FOLDER = Path(".magnum-lite")


def main() -> int:
    """Do what the command line asks and give the exit code."""
    arguments = _arguments()
    service = Service(FOLDER, api_port=arguments.api_port, cloud_port=arguments.cloud_port)
    try:
        if arguments.stop:
            print("Stopped." if service.stop() else "Nothing is running.")
            return 0
        return _show(service, once=arguments.once)
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
    parser.add_argument("--api-port", type=int, default=9511)
    parser.add_argument("--cloud-port", type=int, default=9500)
    return parser.parse_args()


def _show(service: Service, *, once: bool) -> int:
    started = time.monotonic()
    print(service.ensure_running(), flush=True)
    try:
        customer = Customer(service.environment(), service.api_url)
        uuid = customer.ensure_cluster()
        status = watch(customer, uuid)
        report.show(customer, uuid)
        print(f"\nCluster {CLUSTER} is {status} after {time.monotonic() - started:.0f} seconds in all.")
    finally:
        if once:
            service.stop()
            print("Stopped everything again.")
    if not once:
        report.show_what_to_type_next(FOLDER)
    return 0 if status == "CREATE_COMPLETE" else 1


if __name__ == "__main__":
    sys.exit(main())
