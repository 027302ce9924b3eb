//! What an engine module says: everything that a store of this engine needs.

use tree::declare::Keyed;
use tree::{Val, definition};

use super::template::Template;

definition! {
    /// A store engine.
    pub struct Engine {
        /// Name for people, such as `DragonflyDB`.
        title: Val<String>,
        /// Where the facts are from: repository and commit, page, release.
        sources: Vec<Val<String>>,
        /// Release the facts were read for.
        version: Val<String>,
        /// Image when the store names none; without it the store must.
        image: Option<Val<String>>,
        /// User id the image runs as.
        user: Val<i64>,
        /// Group id.
        group: Val<i64>,
        /// Group that owns volumes; default the group.
        fs_group: Option<Val<i64>>,
        /// Whether the root file system may be read-only; default true.
        read_only_root: Option<Val<bool>>,
        /// How clients reach it.
        client: Client,
        /// How accounts and their passwords reach members.
        accounts: Vec<Account>,
        /// Secrets of the engine itself, besides those of accounts: name in `env` and `files` to what it is for.
        secrets: Keyed<Val<String>>,
        /// Roles of members, in the order they start.
        roles: Keyed<Role>,
        /// Who talks to whom among roles. Nothing else is let through.
        flows: Vec<RoleFlow>,
        /// Whom members call outside of the store.
        calls: Vec<EngineCall>,
        /// Services.
        services: Keyed<RoleService>,
        /// Settings it knows. Others are refused.
        settings: Keyed<Setting>,
        /// Jobs that run once the members are up, in order: create databases, accounts.
        jobs: Keyed<Job>,
        /// Certificates it needs when traffic is encrypted; absent: it can't encrypt.
        tls: Option<Tls>,
        /// How members come and go, in words for runbooks.
        lifecycle: Lifecycle,
        /// How a backup is taken, in words for runbooks.
        backup: Option<Val<String>>,
    }

    /// How clients reach a store.
    pub struct Client {
        /// Service, one of `services`.
        service: Val<String>,
        /// Port a call means when it names none: a port of a role behind that service.
        port: Val<String>,
        /// The same port when traffic is encrypted, where it is another one.
        tls_port: Option<Val<String>>,
        /// URL of a client: may also use `host`, `port`, `user`, `password`, `database`.
        url: Val<Template>,
    }

    /// How the passwords of accounts reach members: one environment variable for each account, or for the one
    /// password that all share.
    pub struct Account {
        /// Roles and jobs whose containers get it.
        roles: Vec<Val<String>>,
        /// Name of the variable; may use `user`. The same name for every user means that they share one password.
        env: Val<Template>,
    }

    /// A role of members.
    pub struct Role {
        /// What it does.
        purpose: Val<String>,
        /// One workload for the `role` (default), or for each `shard`.
        #[one_of("role", "shard")]
        each: Option<Val<String>>,
        /// `stateful` (default) or `replicated`.
        #[one_of("stateful", "replicated")]
        form: Option<Val<String>>,
        /// Name of the workload, without the store's own name; may use `shard`. Default: the role's, or nothing for the
        /// only role.
        suffix: Option<Val<Template>>,
        /// Image, where it isn't the engine's.
        image: Option<Val<String>>,
        /// User id, where it isn't the engine's.
        user: Option<Val<i64>>,
        /// Fewest members that work; default 1.
        least: Option<Val<u32>>,
        /// Whether the count should be odd, as for voters.
        odd: Option<Val<bool>>,
        /// Whether all start at once, since they wait for each other; default one after the other.
        parallel: Option<Val<bool>>,
        /// `rolling` (default) or `manual`: an operator deletes each pod when it is safe.
        #[one_of("rolling", "manual")]
        update: Option<Val<String>>,
        /// Headless service that names the members, one of `services`.
        service: Option<Val<String>>,
        /// Its container.
        container: Container,
        /// Containers that run to the end before it.
        init: Keyed<Container>,
        /// Containers beside it, such as exporters.
        sidecars: Keyed<Container>,
        /// Path of its volume; absent: it keeps nothing.
        data: Option<Val<String>>,
        /// Where its metrics are.
        metrics: Option<Metrics>,
        /// Seconds it may take to stop; default 30.
        termination: Option<Val<u32>>,
        /// Most members that may be down at once by intent; default 1.
        disruption: Option<Val<u32>>,
        /// What it may do at the Kubernetes API.
        kubernetes: Vec<Grant>,
    }

    /// A container of a role or job.
    pub struct Container {
        /// Image, where it isn't the engine's.
        image: Option<Val<String>>,
        /// User id, where it isn't the engine's.
        user: Option<Val<i64>>,
        /// Replaces the image's entry point.
        command: Vec<Val<Template>>,
        /// Arguments; one that evaluates to nothing is left out. `$(NAME)` stands for a variable of `env`, at run time.
        args: Vec<Val<Template>>,
        /// Environment variables.
        env: Keyed<EnvSource>,
        /// Ports by name, at most 15 characters.
        ports: Keyed<ModulePort>,
        /// Configuration files by path. A file that evaluates to nothing is left out.
        files: Keyed<File>,
        /// Folders it writes to besides its volume: gone with the pod.
        scratch: Keyed<Folder>,
        /// Restarts it when it fails.
        liveness: Option<Check>,
        /// Takes it out of services when it fails.
        readiness: Option<Check>,
        /// Holds the others back until it is up.
        startup: Option<Check>,
        /// Requests, where a store can't say: of jobs and sidecars. Resource name to quantity.
        requests: Keyed<Val<String>>,
        /// Limits, likewise.
        limits: Keyed<Val<String>>,
        /// Capabilities it can't do without.
        capabilities: Vec<Val<String>>,
    }

    /// A value of an environment variable: one of `text`, `field`, `secret`, `account`.
    #[shorthand(text)]
    pub struct EnvSource {
        /// The value itself. One that evaluates to nothing leaves the variable out.
        text: Option<Val<Template>>,
        /// A field of the pod, such as `metadata.name` or `metadata.labels['apps.kubernetes.io/pod-index']`.
        field: Option<Val<String>>,
        /// One of the engine's `secrets`.
        secret: Option<Val<String>>,
        /// The password of this account of the store.
        account: Option<Val<String>>,
        /// Only there if this is true.
        when: Option<Val<Template>>,
    }

    /// A port.
    #[shorthand(port)]
    pub struct ModulePort {
        /// Its number.
        port: Val<u32>,
        /// `TCP` (default) or `UDP`.
        #[one_of("TCP", "UDP", "SCTP")]
        protocol: Option<Val<String>>,
        /// Application protocol, as in a Service: `http`, `https`, `grpc`, `redis`, `postgres` …
        application: Option<Val<String>>,
        /// Only there if this is true.
        when: Option<Val<Template>>,
    }

    /// A configuration file.
    #[shorthand(content)]
    pub struct File {
        /// Its content.
        content: Val<Template>,
        /// Permission bits in octal, such as `"0400"`; default 0444.
        mode: Option<Val<String>>,
    }

    /// A folder that is written to.
    #[shorthand(size)]
    pub struct Folder {
        /// Most it may hold.
        size: Val<String>,
        /// `disk` (default) or `memory`.
        #[one_of("disk", "memory")]
        medium: Option<Val<String>>,
    }

    /// A check: exactly one of `http`, `tcp`, `exec`, and `port` for the first.
    pub struct Check {
        /// Path of a GET request.
        http: Option<Val<Template>>,
        /// Port of it, by name.
        port: Option<Val<Template>>,
        /// Whether it is encrypted: an expression.
        tls: Option<Val<Template>>,
        /// Port to connect to, by name.
        tcp: Option<Val<Template>>,
        /// Command.
        exec: Vec<Val<Template>>,
        /// Seconds between two; default 10.
        period: Option<Val<u32>>,
        /// Seconds to wait for an answer; default 1.
        timeout: Option<Val<u32>>,
        /// Failures in a row that count; default 3.
        failures: Option<Val<u32>>,
    }

    /// Where metrics are.
    pub struct Metrics {
        /// Port, by name.
        port: Val<String>,
        /// Path; default `/metrics`.
        path: Option<Val<String>>,
    }

    /// A flow between roles.
    pub struct RoleFlow {
        /// Role that opens the connection, or a job.
        from: Val<String>,
        /// Role that accepts it.
        to: Val<String>,
        /// Ports of it, by name.
        ports: Vec<Val<String>>,
        /// What for.
        purpose: Val<String>,
    }

    /// A flow out of the store.
    pub struct EngineCall {
        /// Roles that call; default all.
        roles: Vec<Val<String>>,
        /// `api-server`, or the name of something in the definition, such as `${settings.seal_external}`.
        to: Val<Template>,
        /// What for.
        purpose: Val<String>,
        /// Only if this is true.
        when: Option<Val<Template>>,
    }

    /// A Service of the engine.
    pub struct RoleService {
        /// Name, without the store's own; absent: the store's name.
        suffix: Option<Val<String>>,
        /// Roles behind it.
        roles: Vec<Val<String>>,
        /// Ports of those roles, by name; default all.
        ports: Vec<Val<String>>,
        /// True: a name for each member instead of one address for all.
        headless: Option<Val<bool>>,
        /// True: names members that aren't ready, since they must find each other to become so.
        early: Option<Val<bool>>,
    }

    /// A setting of the engine.
    pub struct Setting {
        /// What it does.
        doc: Val<String>,
        /// Its kind of value.
        #[one_of("text", "bool", "integer", "number", "bytes", "duration", "cron")]
        of: Val<String>,
        /// Least value, of a number.
        least: Option<Val<i64>>,
        /// Largest value, of a number.
        most: Option<Val<i64>>,
        /// The only values it takes.
        choices: Vec<Val<String>>,
        /// Value when the store gives none; without one the setting is left to the engine.
        default: Option<Val<Template>>,
        /// Why that is the default.
        because: Option<Val<String>>,
        /// Where it goes: an argument `FLAG=VALUE` of the roles named by `roles`.
        flag: Option<Val<String>>,
        /// Where it goes: a group that a file's expression lists by `groups.NAME`.
        group: Option<Val<String>>,
        /// The name it has there, where it differs.
        name: Option<Val<String>>,
        /// Roles it is for; default all.
        roles: Vec<Val<String>>,
        /// It doesn't exist, and this is what to do instead: names that people expect from other engines.
        refused: Option<Val<String>>,
    }

    /// A job that runs once.
    pub struct Job {
        /// What for.
        purpose: Val<String>,
        /// Only if this is true.
        when: Option<Val<Template>>,
        /// What runs.
        container: Container,
        /// Seconds it may take.
        deadline: Option<Val<u32>>,
        /// Retries.
        retries: Option<Val<u32>>,
    }

    /// Certificates of the members.
    pub struct Tls {
        /// Folder they are mounted in.
        path: Val<String>,
        /// Files in it, from the keys of the certificate's Secret: `ca.crt`, `tls.crt`, `tls.key`.
        files: Keyed<Val<String>>,
        /// Permission bits in octal; default 0440.
        mode: Option<Val<String>>,
        /// DNS names that the certificate must carry besides those of its services.
        names: Vec<Val<Template>>,
        /// Roles and jobs that need them; default all.
        roles: Vec<Val<String>>,
    }

    /// What a workload may do at the Kubernetes API.
    pub struct Grant {
        /// API group; empty for the core group.
        group: Option<Val<String>>,
        /// Resources, in plural.
        resources: Vec<Val<String>>,
        /// Verbs.
        verbs: Vec<Val<String>>,
        /// True: in every namespace.
        everywhere: Option<Val<bool>>,
    }

    /// How members come and go.
    pub struct Lifecycle {
        /// How the first start goes.
        bootstrap: Option<Val<String>>,
        /// How a member joins.
        join: Option<Val<String>>,
        /// How a leader is elected, or a replica promoted.
        promote: Option<Val<String>>,
        /// What the loss of a member means.
        lose: Option<Val<String>>,
        /// How a lost member comes back.
        regain: Option<Val<String>>,
    }
}
