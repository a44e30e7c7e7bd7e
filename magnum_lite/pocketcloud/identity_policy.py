# SPDX-License-Identifier: Apache-2.0
"""Who may do what in the pocket cloud's Keystone: the cloud's admins, and a domain's admins for its own users."""

from magnum_lite.pocketcloud import errors
from magnum_lite.pocketcloud.scope import Scope


def check_admin(scope: Scope, operation: str) -> None:
    """Raise 403 unless the caller is an admin with a project-scoped token."""
    if not (scope.is_admin and not scope.domain_id):
        raise refusal(operation)


def check_admin_of(scope: Scope, domain_id: str, operation: str) -> None:
    """Raise 403 unless the caller is a cloud admin, or admin on just this domain."""
    if not (scope.is_admin and scope.domain_id in ("", domain_id)):
        raise refusal(operation)


def check_any_admin(scope: Scope, operation: str) -> None:
    """Raise 403 unless the caller is an admin of something."""
    if not scope.is_admin:
        raise refusal(operation)


def refusal(operation: str) -> errors.CloudFault:
    """Make Keystone's 403."""
    return errors.forbidden(
        f"You are not authorized to perform the requested action: identity:{operation}.", "Forbidden"
    )
