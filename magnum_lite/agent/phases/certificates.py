# SPDX-License-Identifier: Apache-2.0
"""The phase that has the node's certificates signed by our API, as long as it has no good ones."""

import logging
from datetime import UTC, datetime

from magnum_lite.agent import x509
from magnum_lite.agent.course import Course
from magnum_lite.agent.errors import BadCertificate
from magnum_lite.nodeconf import CertificateRequest

LOG = logging.getLogger(__name__)


def run(course: Course) -> None:
    for request in course.document.certificates:
        key = course.disk.at(f"{request.path}.key").read_bytes()
        if not _has_good_one(course, request, key):
            _renew(course, request, key)


def _has_good_one(course: Course, request: CertificateRequest, key: bytes) -> bool:
    certificate, now = course.disk.find(f"{request.path}.crt"), datetime.now(UTC)
    if certificate is None:
        return False
    authorities = course.document.authorities[request.authority]
    try:
        found = x509.check_certificate(certificate, request, key=key, authorities=authorities, now=now)
    except BadCertificate as error:
        LOG.info("%s, so a new one is asked for", error)
        return False
    return x509.is_long_valid(found, now)


def _renew(course: Course, request: CertificateRequest, key: bytes) -> None:
    signed = course.api.certificate(request.profile, x509.signing_request(request, key)).encode()
    authorities = course.document.authorities[request.authority]
    x509.check_certificate(signed, request, key=key, authorities=authorities, now=datetime.now(UTC))
    course.disk.write(f"{request.path}.crt", signed)
    LOG.info("certificate %s is signed", request.profile)
