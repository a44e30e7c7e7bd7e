# SPDX-License-Identifier: Apache-2.0
"""Prometheus asks over TLS whom it can, keeps what its labels say, and may read and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from magnum_lite.drivers.k8s_fcos import all_labels
from magnum_lite.errors import InvalidLabel
from tests import lacking
from tests.drivers.addons import objects, rendered

NAME = "prometheus"
CA = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
# CoreDNS serves its metrics in clear only; the other one is its own loopback.
IN_CLEAR = {"coredns", "prometheus"}
VERBS_OF_READERS = {"get", "list", "watch"}


def scraping(labels: Mapping[str, str] | None = None) -> dict[str, Any]:
    return objects.settings(objects.addon(NAME, labels), "prometheus.json")


def jobs() -> dict[str, dict[str, Any]]:
    return {job["job_name"]: job for job in scraping()["scrape_configs"]}


def arguments(labels: Mapping[str, str]) -> list[str]:
    found: list[str] = objects.container(objects.addon(NAME, labels), NAME)["args"]
    return found


def test_every_job_but_two_asks_over_tls_and_checks_the_certificate() -> None:
    checked = {
        name
        for name, job in jobs().items()
        if job.get("scheme") == "https" and job["tls_config"] == {"ca_file": CA, "min_version": "TLS12"}
    }

    assert set(jobs()) - checked == IN_CLEAR
    assert jobs()["prometheus"]["static_configs"] == [{"targets": ["127.0.0.1:9090"]}]


def test_every_part_that_shows_itself_to_the_network_is_asked() -> None:
    assert set(jobs()) == {"kube-apiserver", "kubelet", "cadvisor", "node-exporter", "coredns", "prometheus"}


def test_its_token_goes_to_parts_of_kubernetes_alone() -> None:
    assert {name for name, job in jobs().items() if "authorization" in job} == {"kube-apiserver", "kubelet", "cadvisor"}


def test_nothing_runs_over_the_time_there_is() -> None:
    often = scraping({"monitoring_interval_seconds": "7"})["global"]

    assert (often["scrape_interval"], often["scrape_timeout"]) == ("7s", "7s")
    assert scraping()["global"]["scrape_timeout"] == "10s"


def test_labels_say_for_how_long_and_how_much_is_kept() -> None:
    found = arguments({"monitoring_retention_days": "3", "monitoring_retention_size": "40"})

    assert {"--storage.tsdb.retention.time=3d", "--storage.tsdb.retention.size=40GB"} <= set(found)


def test_without_a_storage_class_it_fills_a_bounded_folder_of_its_node() -> None:
    one = objects.addon(NAME, {"monitoring_retention_size": "40"})

    assert {"name": "metrics", "emptyDir": {"sizeLimit": "48Gi"}} in objects.pod(one)["volumes"]
    assert "PersistentVolumeClaim" not in {item["kind"] for item in one.objects}


def test_a_storage_class_gives_it_a_volume() -> None:
    one = objects.addon(NAME, {"monitoring_storage_class_name": "fast", "monitoring_retention_size": "40"})
    claim = objects.found(one, "PersistentVolumeClaim")

    assert claim["spec"]["storageClassName"] == "fast"
    assert claim["spec"]["resources"]["requests"]["storage"] == "48Gi"
    assert {"name": "metrics", "persistentVolumeClaim": {"claimName": NAME}} in objects.pod(one)["volumes"]


@pytest.mark.parametrize("hostile", ['fast"', "fast\n--web.enable-admin-api", "$(id)", "`id`", "a b", "Fast", "-"])
def test_a_storage_class_that_is_no_name_is_refused(hostile: str) -> None:
    with pytest.raises(InvalidLabel):
        all_labels.LABELS.parse({"monitoring_storage_class_name": hostile})


def test_it_may_read_and_nothing_else() -> None:
    roles = [item for item in objects.addon(NAME).objects if item["kind"] == "ClusterRole"]
    rules = [rule for role in roles for rule in role["rules"]]

    assert {verb for rule in rules for verb in rule["verbs"]} <= VERBS_OF_READERS
    assert not {resource for rule in rules for resource in rule.get("resources", ())} & {"secrets", "configmaps", "*"}


def test_who_reads_it_is_said_by_a_network_policy() -> None:
    spec = objects.found(objects.addon(NAME), "NetworkPolicy")["spec"]

    assert spec["policyTypes"] == ["Ingress"]
    assert all(rule["from"] for rule in spec["ingress"])


def test_other_settings_start_it_again() -> None:
    def fingerprint(labels: Mapping[str, str]) -> str:
        template = objects.found(objects.addon(NAME, labels), "Deployment")["spec"]["template"]
        return str(template["metadata"]["annotations"]["magnum.openstack.org/settings"])

    assert fingerprint({}) == fingerprint({"monitoring_retention_days": "3"})
    assert fingerprint({}) != fingerprint({"monitoring_interval_seconds": "7"})


def test_a_label_switches_it_off() -> None:
    assert NAME not in rendered.addons({"monitoring_enabled": "false"})


def test_prometheus_own_tool_takes_the_configuration(tmp_path: Path) -> None:
    """Debian's promtool knows no Kubernetes, so that what is found there is replaced by something that it knows."""
    program = lacking.program("promtool")
    found = scraping()
    for job in found["scrape_configs"]:
        if job.pop("kubernetes_sd_configs", None):
            job["static_configs"] = [{"targets": ["192.0.2.7:10250"]}]
    path = tmp_path / "prometheus.json"
    path.write_text(json.dumps(found))
    done = subprocess.run(
        [program, "check", "config", "--syntax-only", str(path)], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
