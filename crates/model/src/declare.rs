//! The one macro that declares definition types.

/// Declares structs of the definition: each field's doc is its help in the schema, its Rust name in camel case its key.
macro_rules! definition {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty,)* })*) => {
        $($(#[$meta])* #[derive(Clone, Debug)]
        pub struct $name { $($(#[$fmeta])* pub $field: $type,)* })*
    };
}
