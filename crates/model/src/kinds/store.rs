//! `Store`: a data store, run by the facts of its engine's catalogue module.

use tree::{Val, definition};

use super::{Keyed, Placement, Resources};
use crate::types::{Cron, Duration, ImageRef, Quantity};

definition! {
    /// A data store.
    pub struct StoreSpec {
        /// Namespace.
        namespace: Val<String>,
        /// False leaves it out of an environment or target.
        enabled: Option<Val<bool>>,
        /// What it holds, for documents.
        purpose: Option<Val<String>>,
        /// Catalogue module: `dragonfly`, `clickhouse`, `yugabyte`, `vault` …
        engine: Val<String>,
        /// Image; default the module's.
        image: Option<Val<ImageRef>>,
        /// Members by role: `primary`, `replica`, `server`, `keeper`, `master`, `tserver` … as the engine names them.
        members: Keyed<Members>,
        /// Settings of the engine by the name the engine knows them by; checked against the module.
        settings: Keyed<Val<String>>,
        /// Accounts on it.
        users: Keyed<StoreUser>,
        /// Databases or key spaces on it.
        databases: Vec<Val<String>>,
        /// Encryption.
        encryption: Encryption,
        /// Backups.
        backup: Option<Backup>,
        /// How members of several targets follow each other.
        replication: Option<Replication>,
        /// How long data stays.
        retention: Option<Val<Duration>>,
        /// Classes of data it holds.
        data_classes: Vec<Val<String>>,
        /// Who owns it.
        owner: Option<Val<String>>,
        /// Priority class.
        priority: Option<Val<String>>,
    }

    /// Members of one role.
    pub struct Members {
        /// How many, here (for sharded engines: shards × replicas).
        count: Val<u32>,
        /// For sharded engines: members of one shard; `count` is a multiple.
        per_shard: Option<Val<u32>>,
        /// Requests and limits.
        resources: Resources,
        /// Volume of each member.
        storage: Option<Storage>,
        /// Where they may run.
        placement: Placement,
    }

    /// A volume.
    #[shorthand(size)]
    pub struct Storage {
        /// Size.
        size: Val<Quantity>,
        /// Storage class, one of the platform's.
        class: Option<Val<String>>,
    }

    /// An account on a store.
    pub struct StoreUser {
        /// Database it may use.
        database: Option<Val<String>>,
        /// Path of its password in the secret store; default derived from store and user.
        path: Option<Val<String>>,
        /// Property at the path; default `password`.
        property: Option<Val<String>>,
        /// `static` (default) or `dynamic`: made on demand by the database engine of the secret store.
        #[one_of("static", "dynamic")]
        credentials: Option<Val<String>>,
        /// How long a password may live.
        rotation: Option<Val<Duration>>,
        /// Networks it may come from.
        networks: Vec<Val<String>>,
    }

    /// Encryption of a store.
    pub struct Encryption {
        /// Between members and from clients; default true where the engine can.
        in_transit: Option<Val<bool>>,
        /// On its volumes; default true.
        at_rest: Option<Val<bool>>,
    }

    /// Backups of a store.
    pub struct Backup {
        /// Full backups.
        schedule: Val<Cron>,
        /// Incremental ones, or the interval of the log's shipping.
        incremental: Option<Val<Cron>>,
        /// How long they are kept.
        retention: Val<Duration>,
        /// How long in cheaper storage after that.
        archive: Option<Val<Duration>>,
        /// Bucket, an `External` of the platform.
        to: Val<String>,
        /// Whether the log is shipped continuously, for recovery to a point in time.
        continuous: Option<Val<bool>>,
    }

    /// How members of several targets follow each other.
    pub struct Replication {
        /// `raft`, `async`, `sync` or `none`.
        #[one_of("raft", "async", "sync", "none")]
        mode: Val<String>,
        /// Copies that a write needs.
        factor: Option<Val<u32>>,
        /// Target whose members lead.
        preferred: Option<Val<String>>,
    }
}
