# SPDX-License-Identifier: Apache-2.0
"""The phase that makes the node's private keys; they never leave it."""

from magnum_lite.agent import x509
from magnum_lite.agent.course import Course


def run(course: Course) -> None:
    for request in course.document.certificates:
        path = f"{request.path}.key"
        key = course.disk.find(path)
        if key is None or not x509.is_key(key):
            key = x509.new_key()
        course.disk.write(path, key, 0o600)
