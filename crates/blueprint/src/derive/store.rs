//! Stores: accounts, addresses and members, by the facts of their engine.

use model::kinds::{Call, ComponentSpec, Named, StoreSpec};
use tree::Val;

use super::calls::Called;
use super::face::{Face, FacePort};
use super::here::{Here, Out};

/// An account that a caller uses.
pub(crate) struct Account {
    /// User name.
    pub(crate) user: Option<Val<String>>,
}

pub(crate) fn face(_here: &Here<'_>, _store: &Named<StoreSpec>) -> Option<Face> {
    None
}

pub(crate) fn account(
    _here: &Here<'_>,
    _component: &Named<ComponentSpec>,
    _call: &Call,
    _store: &Named<StoreSpec>,
    _out: &mut Out,
) -> Account {
    Account { user: None }
}

pub(crate) fn credentials(
    _component: &Named<ComponentSpec>,
    _call: &Call,
    _store: &Named<StoreSpec>,
    _account: &Account,
    _called: &mut Called,
) {
}

pub(crate) fn url(
    _here: &Here<'_>,
    _store: &Named<StoreSpec>,
    face: &Face,
    port: &FacePort,
    _account: &Account,
) -> Option<Val<String>> {
    face.url(port)
}
