# SPDX-License-Identifier: Apache-2.0
"""Templates that several tests build on."""

from pathlib import Path

NETWORK = Path(__file__).with_name("network.yaml").read_text()
GROUPED = Path(__file__).with_name("grouped.yaml").read_text()
NODE = Path(__file__).with_name("node.yaml").read_text()
BALANCED = Path(__file__).with_name("balanced.yaml").read_text()
NODE_FILES = {"node.yaml": NODE}
