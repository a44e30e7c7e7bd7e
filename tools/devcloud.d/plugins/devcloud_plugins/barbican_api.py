# SPDX-License-Identifier: Apache-2.0
"""Barbican's API with its pipeline read from where its package put it, and not from /etc."""

import os

from paste import deploy

application = deploy.loadapp("config:" + os.environ["BARBICAN_PASTE"])
