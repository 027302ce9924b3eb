//! Inputs of each type, with what they mean or why they are refused.

use super::*;

fn check<T: Scalar + std::fmt::Debug>(input: &str, expected: &str) {
    let quoted = input.starts_with('"');
    let text = Text { text: input.trim_matches('"'), quoted };
    let found = T::parse(text).map_or_else(|problem| format!("! {problem}"), |value| format!("{value:?}"));
    assert_eq!(found, expected, "{} {input}", T::NAME);
}

#[test]
fn ports_are_1_to_65535() {
    check::<Port>("8080", "Port(8080)");
    check::<Port>("70000", "! 70000 is outside 1 to 65535");
    check::<Port>("0", "! 0 is outside 1 to 65535");
    check::<Port>("\"80\"", "! \"80\" is text; write it without quotes");
    check::<Port>("http", "! `http` is not a whole number");
}

#[test]
fn quantities_have_units_of_kubernetes() {
    check::<Quantity>("1.5Gi", "Quantity(\"1.5Gi\")");
    check::<Quantity>("500m", "Quantity(\"500m\")");
    check::<Quantity>("1e3", "Quantity(\"1e3\")");
    check::<Quantity>("1,5Gi", "! `1,5Gi` has a comma; decimals take a point");
    check::<Quantity>("4GB", "! `GB` is not a unit of Kubernetes; powers of 1,024 bytes are written `Gi`");
    check::<Quantity>(
        "",
        "! `` is not a quantity: digits with an optional point and suffix are expected, as in `250m` or `1.5Gi`",
    );
}

#[test]
fn lengths_of_time_are_exact() {
    check::<Duration>("30s", "Duration(30000)");
    check::<Duration>("1h30m", "Duration(5400000)");
    check::<Duration>("7y", "Duration(220752000000)");
    check::<Duration>("500ms", "Duration(500)");
    check::<Duration>("30", "! `30` has no unit");
    check::<Duration>("30m1h", "! in `30m1h` the units do not go from large to small");
    check::<Duration>("1fortnight", "! `fortnight` is not a unit; they are ms, s, m, h, d, w and y");
    check::<Duration>("99999999999999y", "! `99999999999999y` is too long");
    assert_eq!(Duration(5_400_000).to_string(), "1h30m");
}

#[test]
fn shares_are_counts_or_percentages() {
    check::<Percent>("99.95%", "Percent(99950)");
    check::<Percent>("70%", "Percent(70000)");
    check::<Percent>("70", "! `70` does not end in `%`");
    check::<Percent>("99.9999%", "! `99.9999%` has more than three decimals");
    check::<Share>("2", "Count(2)");
    check::<Share>("25%", "Percent(25)");
    check::<Share>("250%", "! `250%` is outside 0% to 100%");
}

#[test]
fn ranges_of_addresses_have_no_stray_bits() {
    check::<Cidr>("10.0.0.0/16", "Cidr(10.0.0.0/16)");
    check::<Cidr>("10.0.0.1/16", "! `10.0.0.1/16` has bits behind its prefix; the range is `10.0.0.0/16`");
    check::<Cidr>("10.0.0.1", "! `10.0.0.1` has no prefix; one address is `10.0.0.1/32`");
    check::<Cidr>("ten", "! `ten` is not an address with a prefix length");
}

#[test]
fn schedules_have_five_fields() {
    check::<Cron>("0 2 * * *", "Cron(\"0 2 * * *\")");
    check::<Cron>("*/15 0-6,22 1 JAN mon-fri", "Cron(\"*/15 0-6,22 1 JAN mon-fri\")");
    check::<Cron>("0 24 * * *", "! `24` is no hour from 0 to 23");
    check::<Cron>("@daily", "! it has 1 fields, and must have minute, hour, day, month and weekday");
    check::<Cron>("*/0 * * * *", "! `0` is not a step of the minute");
    check::<Cron>("30-10 * * * *", "! the minute ends before it starts in `30-10`");
}

#[test]
fn images_have_a_host_a_tag_a_digest() {
    let image = |repository: &str, tag: &str| {
        format!("ImageRef {{ repository: {repository:?}, tag: Some({tag:?}), digest: None }}")
    };
    check::<ImageRef>("localhost:5000/a/b:1.0", &image("localhost:5000/a/b", "1.0"));
    check::<ImageRef>("detection-engine:2.0.0", &image("detection-engine", "2.0.0"));
    check::<ImageRef>("Acme/api", "! `Acme/api` has upper-case letters");
    check::<ImageRef>("api:", "! `` is not a tag");
    check::<ImageRef>("api@sha256:12", "! its digest is not 64 lower-case hexadecimal digits");
}

#[test]
fn names_are_dns_names() {
    check::<Hostname>("voxguard.ng", "Hostname(\"voxguard.ng\")");
    check::<Hostname>("Voxguard.ng", "! `Voxguard` has upper-case letters");
    check::<Hostname>("a..b", "! `` is empty");
}
