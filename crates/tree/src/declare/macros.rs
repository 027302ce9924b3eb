//! The macro that declares structs, and the names it makes of Rust's.

/// Length of a Rust field name in camel case.
#[must_use]
pub const fn camel_len(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (mut at, mut length) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'_' {
            length += 1;
        }
        at += 1;
    }
    length
}

/// A Rust field name in camel case: `pull_policy` is `pullPolicy`, `as_` is `as`.
#[must_use]
pub const fn camel<const N: usize>(name: &str) -> [u8; N] {
    let bytes = name.as_bytes();
    let mut out = [0; N];
    let (mut at, mut length, mut upper) = (0, 0, false);
    while at < bytes.len() {
        if bytes[at] == b'_' {
            upper = true;
        } else {
            out[length] = if upper { bytes[at].to_ascii_uppercase() } else { bytes[at] };
            length += 1;
            upper = false;
        }
        at += 1;
    }
    out
}

/// Declares structs: each field's doc is its help in the schema, its Rust name in camel case its key.
///
/// `#[shorthand(field)]` before a struct lets a scalar stand for it; `#[shorthand(path '#' property)]` splits the
/// scalar. `#[one_of("a", "b")]` before a field limits its values.
#[macro_export]
macro_rules! definition {
    ($(
        $(#[doc = $doc:literal])* $(#[shorthand($($short:tt)*)])?
        pub struct $name:ident {
            $($(#[doc = $fdoc:literal])* $(#[one_of($($choice:literal),* $(,)?)])? $field:ident: $type:ty,)*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[doc = $fdoc])* pub $field: $type,)* }

        impl $crate::declare::Declared for $name {
            const REQUIRED: bool = false;

            fn declared() -> $crate::declare::Type {
                const META: $crate::declare::Struct = $crate::declare::Struct {
                    name: stringify!($name),
                    doc: concat!($($doc, "\n"),*),
                    fields: &[$($crate::declare::Field {
                        key: $crate::definition!(@key $field),
                        doc: concat!($($fdoc, "\n"),*),
                        of: <$type as $crate::declare::Declared>::declared,
                        required: <$type as $crate::declare::Declared>::REQUIRED,
                        choices: &[$($($choice),*)?],
                    }),*],
                    shorthand: $crate::definition!(@short $($($short)*)?),
                };
                $crate::declare::Type::Struct(const { &META })
            }

            fn read(at: &$crate::declare::At<'_>, findings: &mut Vec<$crate::declare::Finding>) -> Option<Self> {
                // All fields are read before any is missed, so that one pass reports everything.
                $(let $field = {
                    let known = $crate::declare::Asked {
                        key: $crate::definition!(@key $field),
                        doc: concat!($($fdoc, "\n"),*),
                        choices: &[$($($choice),*)?],
                    };
                    at.field::<$type>(&known, findings)
                };)*
                Some(Self { $($field: $field?,)* })
            }
        }
    )*};
    (@key $field:ident) => {{
        const BYTES: [u8; $crate::declare::camel_len(stringify!($field))] = $crate::declare::camel(stringify!($field));
        match std::str::from_utf8(&BYTES) {
            Ok(key) => key,
            Err(_) => "",
        }
    }};
    (@short) => { $crate::declare::Shorthand::None };
    (@short $field:ident) => { $crate::declare::Shorthand::Field($crate::definition!(@key $field)) };
    (@short $first:ident $at:literal $second:ident) => {
        $crate::declare::Shorthand::Split(
            $crate::definition!(@key $first), $at, $crate::definition!(@key $second),
        )
    };
}
