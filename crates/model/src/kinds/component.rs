//! `Component`: a workload.

use tree::{Val, definition};

use super::{Keyed, Security};
use crate::types::{Cron, Duration, ImageRef, Percent, Port, Quantity, Share};

definition! {
    /// A workload of the platform's own, or one that is run as it comes.
    pub struct ComponentSpec {
        /// Namespace.
        namespace: Val<String>,
        /// False leaves it out of an environment or target.
        enabled: Option<Val<bool>>,
        /// What it does, for documents.
        purpose: Option<Val<String>>,
        /// Who owns it, one of the platform's owners.
        owner: Option<Val<String>>,
        /// `service` (default), `agent` (one per node), `job` (on a schedule).
        #[one_of("service", "agent", "job")]
        form: Option<Val<String>>,
        /// `rust`, `go`, `python`, `node`, or `image` for one that is used as it comes.
        runtime: Val<String>,
        /// Image; without a host it comes from the platform's registry.
        image: Val<ImageRef>,
        /// `IfNotPresent` (default), `Always` or `Never`.
        #[one_of("IfNotPresent", "Always", "Never")]
        pull_policy: Option<Val<String>>,
        /// Replaces the image's entry point.
        command: Vec<Val<String>>,
        /// Arguments.
        args: Vec<Val<String>>,
        /// Number of pods when nothing scales them; default 1.
        replicas: Option<Val<u32>>,
        /// Horizontal scaling.
        scaling: Option<Scaling>,
        /// Requests and limits.
        resources: Resources,
        /// Ports by name: a number, or number and protocol.
        ports: Keyed<PortSpec>,
        /// Health checks.
        probes: Probes,
        /// Environment variables with plain values. `${…}` names definition facts, such as `${store.dragonfly.host}`.
        config: Keyed<Val<String>>,
        /// Configuration files: path in the container to content.
        files: Keyed<Val<String>>,
        /// Environment variables from secrets.
        secrets: Keyed<SecretRef>,
        /// Flows it needs.
        calls: Vec<Call>,
        /// How it is reached from outside.
        exposure: Option<Exposure>,
        /// How many may be down at once by intent.
        disruption: Option<Disruption>,
        /// Where it may run.
        placement: Placement,
        /// Classes of data it handles.
        data_classes: Vec<Val<String>>,
        /// Where its metrics are.
        metrics: Option<Metrics>,
        /// Whether it sends traces to the platform's collector.
        traces: Option<Val<bool>>,
        /// Paths it writes to: an empty folder each, gone with the pod.
        scratch: Keyed<Scratch>,
        /// Volumes that stay.
        volumes: Keyed<Volume>,
        /// Security context where it differs from the platform's.
        security: Security,
        /// Time to finish after the signal to stop; default 30 s.
        termination: Option<Val<Duration>>,
        /// Wait before that signal, so that endpoints have moved; default 5 s for what serves.
        drain: Option<Val<Duration>>,
        /// What it may do at the Kubernetes API; nothing by default.
        kubernetes: Vec<KubernetesGrant>,
        /// For `job`: when.
        schedule: Option<Val<Cron>>,
        /// For `job`: longest run.
        deadline: Option<Val<Duration>>,
        /// Priority class.
        priority: Option<Val<String>>,
    }

    /// Horizontal scaling.
    pub struct Scaling {
        /// False switches it off.
        enabled: Option<Val<bool>>,
        /// Fewest pods.
        min: Val<u32>,
        /// Most pods.
        max: Val<u32>,
        /// Target share of the CPU request.
        cpu: Option<Val<Percent>>,
        /// Target share of the memory request.
        memory: Option<Val<Percent>>,
        /// How long a lower need must last before pods go; default 300 s.
        down_after: Option<Val<Duration>>,
    }

    /// Requests and limits.
    pub struct Resources {
        /// Resource name to what is reserved.
        requests: Keyed<Val<Quantity>>,
        /// Resource name to the most.
        limits: Keyed<Val<Quantity>>,
    }

    /// A port.
    #[shorthand(port)]
    pub struct PortSpec {
        /// The number the process listens on.
        port: Val<Port>,
        /// `TCP` (default), `UDP` or `SCTP`.
        #[one_of("TCP", "UDP", "SCTP")]
        protocol: Option<Val<String>>,
        /// Application protocol: `http`, `grpc`, `https` …
        application: Option<Val<String>>,
        /// Number the Service offers where it differs.
        service: Option<Val<Port>>,
    }

    /// Health checks; what is absent is derived where a port allows it.
    pub struct Probes {
        /// Restarts the container when it fails.
        liveness: Option<Probe>,
        /// Takes the pod out of its Services when it fails.
        readiness: Option<Probe>,
        /// Holds the others back until the process is up.
        startup: Option<Probe>,
    }

    /// One check: exactly one of `http`, `tcp`, `grpc`, `exec`.
    #[shorthand(http)]
    pub struct Probe {
        /// Path of a GET request.
        http: Option<Val<String>>,
        /// Port to connect to, by name.
        tcp: Option<Val<String>>,
        /// Port of a gRPC health service, by name.
        grpc: Option<Val<String>>,
        /// Command.
        exec: Vec<Val<String>>,
        /// Port of the GET request, by name; default the first port.
        port: Option<Val<String>>,
        /// `HTTP` (default) or `HTTPS`.
        #[one_of("HTTP", "HTTPS")]
        scheme: Option<Val<String>>,
        /// Wait before the first check.
        delay: Option<Val<Duration>>,
        /// Time between checks; default 10 s.
        period: Option<Val<Duration>>,
        /// Longest wait for an answer; default 1 s.
        timeout: Option<Val<Duration>>,
        /// Failures in a row that count; default 3.
        failures: Option<Val<u32>>,
    }

    /// A value out of a secret.
    #[shorthand(path '#' property)]
    pub struct SecretRef {
        /// Secret of the platform: its path in the secret store, such as `jwt/signing-key`.
        path: Option<Val<String>>,
        /// Property at the path.
        property: Option<Val<String>>,
        /// How long a value may live.
        rotation: Option<Val<Duration>>,
        /// Mount as a file at this path instead of an environment variable.
        file: Option<Val<String>>,
        /// An existing Secret made outside, by name; `property` is then its key.
        existing: Option<Val<String>>,
    }

    /// A flow this workload needs. From it follow policies, credentials, order.
    #[shorthand(to)]
    pub struct Call {
        /// Name of a component, store, external or add-on.
        to: Val<String>,
        /// Port of it, by name; default its first (a store's client port).
        port: Option<Val<String>>,
        /// Several ports of it.
        ports: Vec<Val<String>>,
        /// Database or role on a store: credentials follow.
        as_: Option<Val<String>>,
        /// Environment variable that gets the URL; default derived from `to` (`DRAGONFLY_URL`). `false` for none.
        env: Option<Val<String>>,
        /// What for.
        purpose: Option<Val<String>>,
        /// Longest wait for an answer.
        timeout: Option<Val<Duration>>,
    }

    /// How it is reached from outside.
    #[shorthand(through)]
    pub struct Exposure {
        /// Name of the add-on that lets traffic in; `ingress` means the platform's ingress controller.
        through: Val<String>,
        /// Host; default the platform's domain.
        host: Option<Val<String>>,
        /// Path prefix; default `/`.
        path: Option<Val<String>>,
        /// Port, by name; default the first.
        port: Option<Val<String>>,
        /// Secret the certificate is in; default derived.
        tls_secret: Option<Val<String>>,
        /// Issuer of the certificate; default the environment's.
        issuer: Option<Val<String>>,
        /// Requests a minute for one client.
        rate_limit: Option<Val<u32>>,
        /// Annotations of the ingress controller.
        annotations: Keyed<Val<String>>,
    }

    /// How many may be down at once by intent: one of the two.
    pub struct Disruption {
        /// False switches the budget off.
        enabled: Option<Val<bool>>,
        /// At least so many stay.
        min_available: Option<Val<Share>>,
        /// At most so many are down.
        max_unavailable: Option<Val<Share>>,
    }

    /// Where pods may run.
    pub struct Placement {
        /// Node pool, one of the target's.
        pool: Option<Val<String>>,
        /// `prefer` (default) or `require` different nodes.
        #[one_of("prefer", "require")]
        nodes: Option<Val<String>>,
        /// `prefer` (default) or `require` an even spread over zones.
        #[one_of("prefer", "require")]
        zones: Option<Val<String>>,
    }

    /// Where metrics are served.
    #[shorthand(port)]
    pub struct Metrics {
        /// Port, by name.
        port: Val<String>,
        /// Path; default `/metrics`.
        path: Option<Val<String>>,
        /// How often they are read.
        interval: Option<Val<Duration>>,
    }

    /// A folder that is gone with the pod.
    #[shorthand(path)]
    pub struct Scratch {
        /// Path in the container.
        path: Val<String>,
        /// Most it may hold.
        size: Option<Val<Quantity>>,
        /// `disk` (default) or `memory`.
        #[one_of("disk", "memory")]
        medium: Option<Val<String>>,
    }

    /// A volume that stays.
    pub struct Volume {
        /// Path in the container.
        path: Val<String>,
        /// Size.
        size: Val<Quantity>,
        /// Storage class, one of the platform's.
        class: Option<Val<String>>,
        /// False: one volume for all pods (read-only or shared file system); default one each.
        each: Option<Val<bool>>,
    }

    /// What a workload may do at the Kubernetes API.
    pub struct KubernetesGrant {
        /// API group; empty for the core group.
        group: Option<Val<String>>,
        /// Resources, in plural.
        resources: Vec<Val<String>>,
        /// Verbs.
        verbs: Vec<Val<String>>,
        /// True: in every namespace.
        everywhere: Option<Val<bool>>,
    }
}
