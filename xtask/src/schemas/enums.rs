//! The values of enumerations, from Kubernetes' generated Go definitions (`zz_generated.openapi.go`).
//!
//! The file is the output of a generator, so its indentation is its grammar: a function per type, its properties five
//! tabs deep, the values of a property seven tabs deep and those of a list's items ten.

use std::collections::BTreeMap;

/// The values by type (`core.v1.ServiceSpec`) and field. A list's values are those of its items.
pub(crate) type Enums = BTreeMap<(String, String), Vec<String>>;

const PROPERTY: &str = "\t\t\t\t\t\"";
const VALUES: &str = "Enum:";

/// Reads the enumerations out of the Go source.
pub(crate) fn read(source: &str) -> Enums {
    let mut enums = Enums::new();
    let (mut owner, mut property) = (String::new(), String::new());
    for line in source.lines() {
        if let Some(rest) = line.strip_prefix("func schema_") {
            owner = type_name(rest.split('(').next().unwrap_or_default());
        } else if let Some(rest) = line.strip_prefix(PROPERTY) {
            if let Some(name) = rest.strip_suffix("\": {") {
                property = name.to_owned();
            }
        } else if let Some(rest) = line.trim_start().strip_prefix(VALUES) {
            let depth = line.len() - line.trim_start().len();
            if depth == 7 || depth == 10 {
                enums.insert((owner.clone(), property.clone()), values(rest));
            }
        }
    }
    enums
}

/// `k8sio_api_core_v1_ServiceSpec` is `core.v1.ServiceSpec`.
fn type_name(function: &str) -> String {
    let mut parts: Vec<&str> = function.rsplitn(4, '_').take(3).collect();
    parts.reverse();
    parts.join(".")
}

fn values(list: &str) -> Vec<String> {
    let inner = list.split_once("{}{").map_or("", |(_, inner)| inner);
    inner.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}
