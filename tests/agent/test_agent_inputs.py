# SPDX-License-Identifier: Apache-2.0
"""A unit's inputs are the files it names, directly, by folder or through another file."""

import pytest

from magnum_lite.agent.inputs import read_by

FILES = {
    "/etc/etcd/etcd.env": "ETCD_DATA_DIR=/var/lib/etcd",
    "/etc/etcd/certs/server.crt": "",
    "/etc/kubernetes/kubelet.env": "ARGUMENTS=--config=/etc/kubernetes/kubelet.json",
    "/etc/kubernetes/kubelet.json": '{"clientCAFile": "/etc/kubernetes/certs/ca.crt"}',
    "/etc/kubernetes/certs/ca.crt": "",
}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("ExecStart=/usr/bin/true", set()),
        ("EnvironmentFile=/etc/etcd/etcd.env", {"/etc/etcd/etcd.env"}),
        ("ExecStart=podman run -v /etc/etcd/certs:/certs:ro etcd", {"/etc/etcd/certs/server.crt"}),
        ("ExecStart=podman run -v /etc/etcd/:/etc/etcd etcd", {"/etc/etcd/etcd.env", "/etc/etcd/certs/server.crt"}),
        (
            "EnvironmentFile=-/etc/kubernetes/kubelet.env",
            {"/etc/kubernetes/kubelet.env", "/etc/kubernetes/kubelet.json", "/etc/kubernetes/certs/ca.crt"},
        ),
        ("ExecStart=podman run -v /etc/etcd:/etc/etcd etcd --config=/etc/etcd/etcd.env", {"/etc/etcd/etcd.env"}),
        ("ExecStart=podman run -v /etc:/etc etcd", set()),
        ("EnvironmentFile=/etc/etcd/etcd.env.local", set()),
    ],
)
def test_a_unit_reads_the_files_it_names(content: str, expected: set[str]) -> None:
    assert read_by(content, FILES) == expected


def test_files_that_name_each_other_end_the_search() -> None:
    files = {"/etc/a/one": "/etc/b/two", "/etc/b/two": "/etc/a/one"}

    assert read_by("/etc/a/one", files) == set(files)
