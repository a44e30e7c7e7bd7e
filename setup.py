# SPDX-License-Identifier: Apache-2.0
"""Package magnum_lite by pbr."""

import setuptools

setuptools.setup(setup_requires=["pbr>=6.0"], pbr=True)
