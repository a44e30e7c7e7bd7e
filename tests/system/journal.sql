-- SPDX-License-Identifier: Apache-2.0
-- Every change of a reservation, as the database itself saw it.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTO_INCREMENT,
    seen_at DATETIME(6) NOT NULL,
    cluster VARCHAR(36) NOT NULL,
    owner VARCHAR(255),
    fence INTEGER NOT NULL,
    owner_before VARCHAR(255),
    fence_before INTEGER NOT NULL,
    expired_at DATETIME(6) NOT NULL
);

CREATE TRIGGER journal_of_reservations AFTER UPDATE ON reservation FOR EACH ROW
INSERT INTO journal (seen_at, cluster, owner, fence, owner_before, fence_before, expired_at)
VALUES (UTC_TIMESTAMP(6), NEW.cluster_uuid, NEW.owner, NEW.fence, OLD.owner, OLD.fence, OLD.expires_at);
