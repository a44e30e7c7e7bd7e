# SPDX-License-Identifier: Apache-2.0
"""The node problem detector knows trouble when it reads it, and may little."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.drivers.addons import objects, rendered

NAME = "node-problem-detector"


def rules(monitor: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = objects.settings(objects.addon(NAME), monitor)["rules"]
    return found


def reasons(line: str) -> set[str]:
    """Give the reasons that the kernel's monitor sees in a line; its patterns must match up to the end."""
    return {rule["reason"] for rule in rules("kernel.json") if re.search(f"(?:{rule['pattern']})\\Z", line)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Memory cgroup out of memory: Killed process 4242 (java) total-vm:10240kB, anon-rss:9216kB, file-rss:0kB, "
            "shmem-rss:0kB, UID:0 pgtables:60kB oom_score_adj:992",
            {"OOMKilling"},
        ),
        ("INFO: task kworker/1:2:345 blocked for more than 120 seconds.", {"TaskHung"}),
        ("INFO: task containerd-shim:77 blocked for more than 120 seconds.", {"TaskHung", "ContainerRuntimeHung"}),
        ("unregister_netdevice: waiting for cali1234 to become free. Usage count = 1", {"UnregisterNetDevice"}),
        ("kernel BUG at mm/slub.c:4033!", {"KernelOops"}),
        ("BUG: unable to handle page fault for address: ffffb2c1c0000000", {"KernelOops"}),
        ("watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kworker/3:1:99]", {"SoftLockup"}),
        ("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", {"RCUStall"}),
        ("EXT4-fs error (device vdb1): ext4_lookup:1578: inode #2: comm ls: deleted inode referenced", {"Ext4Error"}),
        ("EXT4-fs (vdb1): Remounting filesystem read-only", {"FilesystemIsReadOnly"}),
        ("XFS (vda4): Metadata corruption detected at xfs_agi_verify+0x5d/0x1a0 [xfs]", {"XFSError"}),
        ("XFS (vda4): Log I/O Error (0x2) detected at xlog_ioend_work.  Shutting down filesystem.", {"XFSError"}),
        ("I/O error, dev vda, sector 2048 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2", {"IOError"}),
        ("Buffer I/O error on dev vdb1, logical block 7, lost async page write", {"IOError"}),
        ("mce: [Hardware Error]: Machine check events logged", {"HardwareError"}),
        ("EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0", {"HardwareError"}),
        ("cali1234: link becomes ready", set()),
        ("XFS (vda4): Ending clean mount", set()),
    ],
)
def test_the_kernel_s_words_are_understood(line: str, expected: set[str]) -> None:
    assert reasons(line) == expected


@pytest.mark.parametrize("monitor", ["kernel.json", "services.json"])
def test_every_lasting_problem_is_one_of_the_conditions(monitor: str) -> None:
    conditions = {one["type"] for one in objects.settings(objects.addon(NAME), monitor)["conditions"]}

    assert {rule["condition"] for rule in rules(monitor) if rule["type"] == "permanent"} == conditions


@pytest.mark.parametrize("unit", ["kubelet", "containerd", "kube-proxy"])
def test_a_service_that_systemd_starts_again_is_counted(unit: str) -> None:
    line = f"{unit}.service: Scheduled restart job, restart counter is at 5."
    patterns = [arg.removeprefix("--pattern=") for rule in rules("services.json") for arg in rule["args"]]

    assert sum(bool(re.search(f"(?:{pattern})\\Z", line)) for pattern in patterns) == 1


def test_it_reads_the_journal_and_needs_no_privileges_for_it() -> None:
    one = objects.addon(NAME)
    monitors = [objects.settings(one, "kernel.json")["logPath"], *_paths_of_services(one)]
    mounts = objects.container(one, NAME)["volumeMounts"]

    assert set(monitors) == {"/var/log/journal"}
    assert all(mount["readOnly"] for mount in mounts)
    assert "hostPID" not in objects.pod(one)


def _paths_of_services(one: Any) -> list[str]:
    every = objects.settings(one, "services.json")["rules"]
    return [arg.removeprefix("--log-path=") for rule in every for arg in rule["args"] if arg.startswith("--log-path=")]


def test_it_runs_on_every_node_whatever_the_node_s_taints() -> None:
    assert {"operator": "Exists"} in objects.pod(objects.addon(NAME))["tolerations"]


def test_its_arguments_are_files_of_its_configuration() -> None:
    one = objects.addon(NAME)
    arguments = [arg.partition("=")[2] for arg in objects.container(one, NAME)["args"] if "config." in arg]

    assert {path.removeprefix("/settings/") for path in arguments} == set(objects.found(one, "ConfigMap")["data"])


def test_a_label_switches_it_off() -> None:
    assert NAME not in rendered.addons({"npd_enabled": "false"})
