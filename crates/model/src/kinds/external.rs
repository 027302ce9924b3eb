//! `External`: something outside that the platform talks to or is called by.

use tree::{Val, definition};

use super::{Keyed, PortSpec};
use crate::types::{Cidr, Hostname};

definition! {
    /// Something outside.
    pub struct ExternalSpec {
        /// What it is.
        purpose: Option<Val<String>>,
        /// False leaves it out of an environment or target.
        enabled: Option<Val<bool>>,
        /// `api` (default), `identity`, `siem`, `tickets`, `mail`, `bucket`, `webhook`, `kms`.
        #[one_of("api", "identity", "siem", "tickets", "mail", "bucket", "webhook", "kms")]
        form: Option<Val<String>>,
        /// Host name.
        host: Option<Val<Hostname>>,
        /// Addresses; without them policies must open the port to every public address, which is said.
        addresses: Vec<Val<Cidr>>,
        /// Ports by name.
        ports: Keyed<PortSpec>,
        /// Path in the secret store of the credentials for it.
        secret: Option<Val<String>>,
        /// A stand-in run inside the platform instead, by the name of a component.
        mocked_by: Option<Val<String>>,
    }
}
