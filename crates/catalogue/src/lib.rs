//! Dated facts about the world: Kubernetes schemas, store engines, add-ons, images.

pub mod kubernetes;
pub mod module;
pub mod quantity;
