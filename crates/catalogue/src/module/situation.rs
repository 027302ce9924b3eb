//! What expressions of a module can ask: the situation that a store is in.

use std::collections::BTreeMap;

/// The names that `${…}` may use, for one store in one scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Situation {
    /// `name`: of the store.
    pub name: String,
    /// `namespace`: of the store.
    pub namespace: String,
    /// `role`: that the expression is evaluated for; empty elsewhere.
    pub role: String,
    /// `shard`: number of the shard, from 0, for roles with a workload for each.
    pub shard: i64,
    /// `counts.ROLE`: members of each role, here.
    pub counts: BTreeMap<String, i64>,
    /// `perShard`: members of one shard; all members where nothing is sharded.
    pub per_shard: i64,
    /// `shards`: number of shards; 1 where nothing is sharded.
    pub shards: i64,
    /// `members.ROLE`: DNS names of the members of a role, in every scope of the environment, by ordinal.
    pub members: BTreeMap<String, Vec<String>>,
    /// `services.KEY`: DNS name of each of the module's services, by its key.
    pub services: BTreeMap<String, String>,
    /// `settings`: with defaults; what has neither value nor default is absent.
    pub settings: BTreeMap<String, String>,
    /// `groups.NAME`: settings of a group, in the module's order, each with `name` and `value`. Every group of the
    /// module is there, if only empty.
    pub groups: BTreeMap<String, Vec<(String, String)>>,
    /// `cpu`: whole cores of the role's CPU limit, rounded up; 0 without one.
    pub cpu: i64,
    /// `memory`: bytes of the role's memory limit; 0 without one.
    pub memory: i64,
    /// `users`: accounts, in the definition's order.
    pub users: Vec<User>,
    /// `databases`.
    pub databases: Vec<String>,
    /// `tls`: whether traffic is encrypted.
    pub tls: bool,
    /// `factor`: copies a write needs, or members keep; 0 where the definition doesn't say.
    pub factor: i64,
    /// `environment`.
    pub environment: String,
    /// `target`.
    pub target: String,
    /// `provider`: `aws`, `azure`, `google`, `onpremises` or empty.
    pub provider: String,
    /// `region`: of the target's site; empty without one.
    pub region: String,
    /// `zones`: of the target's site.
    pub zones: Vec<String>,
    /// `preferred`: whether leaders should be in this target.
    pub preferred: bool,
    /// `clusterDomain`: such as `cluster.local`.
    pub cluster_domain: String,
    /// `host`, for `client.url` only.
    pub host: String,
    /// `port`, for `client.url` only.
    pub port: i64,
    /// `user`, for `client.url` and `accounts.env` only.
    pub user: String,
    /// `password`, for `client.url` only: a reference such as `$(DRAGONFLY_PASSWORD)`.
    pub password: String,
    /// `database`, for `client.url` only.
    pub database: String,
    /// `authority`, for `client.url` only: file in the caller with the authority that signed the members' certificate;
    /// empty where there is none.
    pub authority: String,
}

/// An account of a store: in expressions a map with these keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// `name`.
    pub name: String,
    /// `env`: the variable its password is in, by the module's `accounts`.
    pub env: String,
    /// `database`: it may use; empty for all.
    pub database: String,
    /// `networks`: it may come from; empty for all.
    pub networks: Vec<String>,
}
