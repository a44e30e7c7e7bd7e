# SPDX-License-Identifier: Apache-2.0
"""All labels of clusters on Fedora CoreOS: the driver's own and those of its addons."""

from magnum_lite.drivers.k8s_fcos import labels, webhook_labels
from magnum_lite.drivers.k8s_fcos.addons import ADDONS
from magnum_lite.model.labels import declare

LABELS = declare(*labels.OWN, *webhook_labels.LABELS, *(label for addon in ADDONS for label in addon.labels))
