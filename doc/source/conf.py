# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the documents."""

extensions = ["oslo_config.sphinxext", "oslo_policy.sphinxext", "reno.sphinxext"]
project = "magnum_lite"
html_theme = "alabaster"
html_theme_options = {"description": "Kubernetes on OpenStack", "page_width": "70rem"}
