# SPDX-License-Identifier: Apache-2.0
"""Cinder: volumes that are rows and nothing else."""

from cinder.volume import driver


class NoVolumeDriver(driver.VolumeDriver):
    """Says yes to whatever a volume needs."""

    VERSION = "1"

    def check_for_setup_error(self):
        pass

    def _update_volume_stats(self):
        pool = {"pool_name": "devcloud", "total_capacity_gb": 1000000, "free_capacity_gb": 1000000}
        pool.update(provisioned_capacity_gb=0, max_over_subscription_ratio=1, thin_provisioning_support=False)
        pool.update(reserved_percentage=0, thick_provisioning_support=True, multiattach=True, QoS_support=False)
        self._stats = {
            "volume_backend_name": self.configuration.volume_backend_name,
            "vendor_name": "devcloud",
            "driver_version": self.VERSION,
            "storage_protocol": "none",
            "pools": [pool],
        }

    def create_volume(self, volume):
        pass

    def create_cloned_volume(self, volume, source):
        pass

    def clone_image(self, context, volume, location, image, service):
        """Take an image for copied: a server's disk made from it is as empty as every other."""
        return None, True

    def copy_image_to_volume(self, context, volume, service, image, disable_sparse=False):
        pass

    def delete_volume(self, volume):
        pass

    def extend_volume(self, volume, size):
        pass

    def create_snapshot(self, snapshot):
        pass

    def create_volume_from_snapshot(self, volume, snapshot):
        pass

    def delete_snapshot(self, snapshot):
        pass

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {"driver_volume_type": "local", "data": {"device_path": "/dev/null", "volume_id": volume.id}}

    def terminate_connection(self, volume, connector, **more):
        pass
