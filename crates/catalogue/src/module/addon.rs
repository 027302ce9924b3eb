//! What modules of add-ons, runtimes and images say.

use tree::declare::Keyed;
use tree::{Val, definition};

use super::engine::{Metrics, ModulePort, Setting};

definition! {
    /// Something that clusters have besides the platform.
    pub struct Addon {
        /// Name for people.
        title: Val<String>,
        /// Where the facts are from.
        sources: Vec<Val<String>>,
        /// Release the facts were read for.
        version: Val<String>,
        /// Said wherever it is used: that it is retired, what follows it.
        warning: Option<Val<String>>,
        /// Namespace it is installed in by default.
        namespace: Val<String>,
        /// Its pods, by part: `controller`, `webhook` …; the first is the one that calls mean.
        pods: Keyed<Pods>,
        /// Kinds it brings and the versions of them it serves, as `group/version Kind`.
        kinds: Vec<Val<String>>,
        /// Classes it provides, such as an ingress class.
        classes: Vec<Val<String>>,
        /// What it brings with it that the platform needs: `ingress`, `certificates`, `secrets`, `dns`, `metrics`,
        /// `traces` …
        provides: Vec<Val<String>>,
        /// How it is installed.
        chart: Option<Chart>,
        /// Settings of an `Addon` document that it knows.
        settings: Keyed<Setting>,
    }

    /// One part of an add-on.
    pub struct Pods {
        /// Labels of its pods.
        labels: Keyed<Val<String>>,
        /// Ports it listens on.
        ports: Keyed<ModulePort>,
        /// Name of the Service in front of it.
        service: Option<Val<String>>,
        /// Ports that the API server calls: webhooks, aggregated APIs.
        webhooks: Vec<Val<String>>,
        /// Where its metrics are.
        metrics: Option<Metrics>,
        /// Whom it calls.
        calls: Vec<AddonCall>,
        /// Whether it runs in the network of the node.
        host_network: Option<Val<bool>>,
    }

    /// A flow that an add-on needs.
    pub struct AddonCall {
        /// `api-server`, `dns`, `internet`, `nodes`, another module (`vault`), or what it serves (`backends`,
        /// `scraped`).
        to: Val<String>,
        /// Port numbers; none: those of what it is for.
        ports: Vec<Val<u32>>,
        /// What for.
        purpose: Val<String>,
    }

    /// A Helm chart.
    pub struct Chart {
        /// Repository.
        repository: Val<String>,
        /// Name.
        name: Val<String>,
        /// Version.
        version: Option<Val<String>>,
    }

    /// A language a component is written in.
    pub struct Runtime {
        /// Name for people.
        title: Val<String>,
        /// Where the facts are from.
        sources: Vec<Val<String>>,
        /// Image that it is built in.
        build: Option<Val<String>>,
        /// Image that it runs in.
        run: Option<Val<String>>,
        /// User id of that image.
        user: Val<i64>,
        /// Group id of it.
        group: Val<i64>,
        /// Folders that programs of this language expect to write to.
        writes: Vec<Val<String>>,
        /// Whether the image has a shell.
        shell: Option<Val<bool>>,
    }

    /// An image that is used as it comes.
    pub struct Image {
        /// Where the facts are from.
        sources: Vec<Val<String>>,
        /// Repositories it is found under, without a tag; a host is needed unless it is Docker Hub's.
        repositories: Vec<Val<String>>,
        /// User id it runs as.
        user: Option<Val<i64>>,
        /// Group id.
        group: Option<Val<i64>>,
        /// True: it starts as root and can't do otherwise.
        root: Option<Val<bool>>,
        /// Folders it writes to.
        writes: Vec<Val<String>>,
        /// What to know of it.
        note: Option<Val<String>>,
    }
}
