# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the documents."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

extensions = ["oslo_config.sphinxext", "oslo_policy.sphinxext", "reno.sphinxext", "labels_table", "api_reference"]
project = "magnum_lite"
html_theme = "alabaster"
html_theme_options = {"description": "Kubernetes on OpenStack", "page_width": "70rem"}
