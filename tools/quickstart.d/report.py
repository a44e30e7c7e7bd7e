# SPDX-License-Identifier: Apache-2.0
"""What came of it: the cluster, its nodes, its last events, and what to type next."""

import sys
from pathlib import Path

from customer import CLUSTER, Customer

COLUMNS = ("name", "uuid", "status", "api_address", "master_addresses", "node_addresses", "stack_id")
LAST_EVENTS = 8


def show(customer: Customer, uuid: str) -> None:
    """Print the cluster as the client shows it, then its nodes and events as our API tells them."""
    print()
    print(customer.openstack(f"coe cluster show {CLUSTER} " + " ".join(f"-c {column}" for column in COLUMNS)))
    print("Nodes")
    for node in customer.get(f"/clusters/{uuid}/nodes")["nodes"]:
        print(f"  {node['name']:<32} {node['role']:<8} {node['state']:<12} {node['address'] or '-'}")
    print("\nLast events")
    for event in customer.get(f"/clusters/{uuid}/events")["events"][-LAST_EVENTS:]:
        print(f"  {event['created_at'][11:19]}  {event['kind']:<12} {event['message']}")


def show_what_to_type_next(folder: Path) -> None:
    """Print commands that work now."""
    commands = (Path(__file__).parent / "next.txt").read_text()
    sys.stdout.write("\n" + commands.replace("FOLDER", str(folder)).replace("CLUSTER", CLUSTER))
