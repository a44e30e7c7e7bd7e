# SPDX-License-Identifier: Apache-2.0
"""The API versions that the services of the pocket cloud say they have."""

from magnum_lite.pocketcloud.versions import Version

KEYSTONE = Version("v3.14", "v3", status="stable")
HEAT = Version("v1.0", "v1")
NOVA = Version("v2.1", "v2.1", word="compute", newest="2.96", oldest="2.1")
NEUTRON = Version("v2.0", "v2.0")
GLANCE = Version("v2.17", "v2")
CINDER = Version("v3.0", "v3", word="volume", newest="3.71", oldest="3.0")
BARBICAN = Version("v1", "v1")
OCTAVIA = [Version("v2.27", "v2"), Version("v2.0", "v2", status="SUPPORTED")]
