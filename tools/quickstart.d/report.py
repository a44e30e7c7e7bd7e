# SPDX-License-Identifier: Apache-2.0
"""What came of it: the cluster, its nodes, its last events, and what to type next."""

import json
import sys
from pathlib import Path

import components
from customer import CLUSTER, Customer
from programs import Programs
from service import Service

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


def show_components(customer: Customer, service: Service, uuid: str) -> bool:
    """Print what every node says that it runs beside what its release pins, and tell whether all of it is the same."""
    nodes = customer.get(f"/clusters/{uuid}/nodes")["nodes"]
    tag = components.tag_of(nodes)
    if tag is None:
        print("\nNo node has told what it runs.")
        return False
    lines = components.compare(nodes, json.loads(service.manage("release", "show", tag, "--format", "json")))
    print(f"\nWhat the nodes report that they run, beside what release {tag} pins")
    print("\n".join(components.table(lines)))
    return all(line.is_pinned for line in lines)


def show_kubernetes(customer: Customer, programs: Programs, folder: Path) -> None:
    """Ask the cluster itself, with the kubeconfig that the client writes; raise ``QuickstartFailed``."""
    print(f"\nThe master runs {programs.minor} from {programs.folder} in place of images; kubelets only pretend.")
    customer.openstack(f"coe cluster config {CLUSTER} --dir {folder} --force")
    kubeconfig = folder / "config"
    print(programs.kubectl(kubeconfig, "get", "--raw", "/readyz"))
    print(programs.kubectl(kubeconfig, "get", "nodes,namespaces"))


def show_what_to_type_next(folder: Path, programs: Programs | None) -> None:
    """Print commands that work now."""
    commands = (Path(__file__).parent / "next.txt").read_text()
    if programs is not None:
        commands += f"  {programs.folder}/kubectl --kubeconfig=FOLDER/config get pods --all-namespaces\n"
    sys.stdout.write("\n" + commands.replace("FOLDER", str(folder)).replace("CLUSTER", CLUSTER))
