//! Modules: facts about engines, add-ons, runtimes and images, in YAML, read by one loader whether they are shipped or
//! an owner's own.
//!
//! A module is a document of `apiVersion: catalogue.underpin.dev/v1`. What depends on the store it is used for is an
//! expression: `${…}` in a text holds CEL (cel-spec), over the names of [`Situation`]. Names and types are checked when
//! a module is loaded, by evaluating every expression for a few situations that a store can be in.

mod addon;
mod check;
mod engine;
mod load;
mod settings;
mod shipped;
mod situation;
mod template;

pub use addon::{Addon, AddonCall, Chart, Image, Pods, Runtime};
pub use engine::{
    Account, Check, Client, Container, Engine, EngineCall, EnvSource, File, Folder, Grant, Job, Lifecycle,
    Metrics, ModulePort, Role, RoleFlow, RoleService, Setting, Tls,
};
pub use load::Modules;
pub use settings::{Settled, fill};
pub use situation::{Situation, User};
pub use template::{Scene, Template};
