//! What Kubernetes NetworkPolicies let through, exactly and symbolically.
//!
//! A [`Cluster`] of neutral input types goes in; [`Reach`] answers which ports of which protocols are open between any
//! two workloads, and between a workload and any address, without looking at packets one by one. Workloads that no
//! policy can tell apart share one [`ClassId`], so that the work grows with what the policies distinguish.
//!
//! # Semantics, and where they come from
//!
//! The NetworkPolicy v1 API reference (`networking.k8s.io/v1`, `types.go` of Kubernetes 1.36) decides:
//!
//! * A pod that no policy selects for a direction is not isolated in it: everything is allowed. Policies add up.
//! * `policyTypes` missing: Ingress always, Egress where the policy has egress rules.
//! * An empty or missing `from`, `to` or `ports` matches everything; an empty or missing list of rules allows nothing.
//! * An empty selector selects all, a missing `podSelector` beside a `namespaceSelector` too; a missing
//!   `namespaceSelector` means the policy's own namespace.
//! * `protocol` defaults to TCP; a missing `port` is every port of the protocol; a named port is the port that the
//!   *destination* pod declares by that name for that protocol, and nothing where it declares none.
//! * A flow needs the source's egress and the destination's ingress.
//!
//! The concept page "Network Policies" of the Kubernetes documentation adds:
//!
//! * A pod's traffic to itself and from its own node (the kubelet's probes) is never blocked. Neither is a flow here:
//!   a workload's flow to itself is that between two of its pods, and [`Workload::replicated`] says if it has two.
//! * Pods on the host's network: "undefined". The most common behaviour is taken: policies do not select them, and
//!   they are peers by their node's address only. What hangs on that address, on the plugin or on the node being the
//!   same one is undecided.
//! * `ipBlock` is meant for addresses outside the cluster; whether one covers a pod differs between plugins and pod
//!   addresses are not in files. A block that overlaps [`Cluster::inside`] leaves such flows undecided.
//! * Services are seen after the translation to pods; a client's address may be rewritten on the way in.
//!
//! What cannot be decided is never counted as allowed, nor as denied: [`Verdict::undecided`], with its [`Doubt`]s.

mod address;
mod bits;
mod build;
mod explain;
mod flows;
mod input;
mod intervals;
mod ports;
mod select;

pub use address::{Addresses, IpRange};
pub use build::{ClassId, Reach};
pub use explain::{Doubt, Explanation, RuleRef, Side};
pub use flows::{Endpoint, Flow, Row, Verdict};
pub use input::{
    Block, Cluster, Labels, NamedPort, Namespace, NamespaceId, Operator, OtherId, OtherPolicy, Peer, Policy,
    PolicyId, Port, PortName, Requirement, Rule, Selector, Types, Workload, WorkloadId, private_addresses,
};
pub use ports::{Direction, PortRange, PortSet, Protocol};
