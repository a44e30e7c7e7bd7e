# SPDX-License-Identifier: Apache-2.0
"""What stands in for hardware: no switch, no disks, no load balancer, but real rows and real addresses."""
