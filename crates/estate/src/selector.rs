//! Label selectors.

use tree::NodeRef;

use crate::object::pairs;

/// What a selector asks of one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// The label has one of these values.
    In(&'a str, Vec<&'a str>),
    /// The label is absent or has none of these values.
    NotIn(&'a str, Vec<&'a str>),
    /// The label is there.
    Exists(&'a str),
    /// The label isn't there.
    Absent(&'a str),
    /// An operator that Kubernetes doesn't have: matches nothing, since the object is refused.
    Invalid,
}

/// All needs of a selector; none selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector<'a> {
    /// What has to hold, all of it.
    pub needs: Vec<Need<'a>>,
}

impl<'a> Selector<'a> {
    /// A `LabelSelector`: `matchLabels` and `matchExpressions`.
    #[must_use]
    pub fn of(node: NodeRef<'a>) -> Self {
        let mut selector = node.get("matchLabels").map(Self::of_map).unwrap_or_default();
        let expressions = node.get("matchExpressions").into_iter().flat_map(NodeRef::items);
        selector.needs.extend(expressions.map(expression));
        selector
    }

    /// A plain mapping, as Services and ReplicationControllers have.
    #[must_use]
    pub fn of_map(node: NodeRef<'a>) -> Self {
        Self { needs: pairs(node).into_iter().map(|(key, value)| Need::In(key, vec![value])).collect() }
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needs.is_empty()
    }

    /// Whether labels satisfy it.
    #[must_use]
    pub fn matches(&self, labels: &[(&str, &str)]) -> bool {
        self.needs.iter().all(|need| need.holds(labels))
    }

    /// A label that every match has, if the selector tells one: what an index is asked for.
    #[must_use]
    pub fn certain_label(&self) -> Option<(&'a str, &'a str)> {
        self.needs.iter().find_map(|need| match need {
            Need::In(key, values) if values.len() == 1 => values.first().map(|value| (*key, *value)),
            _ => None,
        })
    }
}

/// The label with the name of one pod of a StatefulSet.
pub(crate) const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";

/// Labels that controllers give to pods, which no template has (Kubernetes reference, "Well-Known Labels").
const OF_CLUSTER: &[&str] = &[
    POD_NAME,
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "rollouts-pod-template-hash",
];

impl Need<'_> {
    /// Whether it asks for a label that controllers give to pods.
    #[must_use]
    pub fn is_of_cluster(&self) -> bool {
        match self {
            Need::In(key, _) | Need::NotIn(key, _) | Need::Exists(key) | Need::Absent(key) => {
                OF_CLUSTER.contains(key)
            }
            Need::Invalid => false,
        }
    }

    /// Whether labels satisfy it.
    #[must_use]
    pub fn holds(&self, labels: &[(&str, &str)]) -> bool {
        let value = |key: &str| labels.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        match self {
            Need::In(key, values) => value(key).is_some_and(|value| values.contains(&value)),
            Need::NotIn(key, values) => value(key).is_none_or(|value| !values.contains(&value)),
            Need::Exists(key) => value(key).is_some(),
            Need::Absent(key) => value(key).is_none(),
            Need::Invalid => false,
        }
    }
}

impl std::fmt::Display for Selector<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, need) in self.needs.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match need {
                Need::In(key, values) if values.len() == 1 => write!(f, "{key}={}", values.concat())?,
                Need::In(key, values) => write!(f, "{key} in ({})", values.join(","))?,
                Need::NotIn(key, values) => write!(f, "{key} notin ({})", values.join(","))?,
                Need::Exists(key) => write!(f, "{key}")?,
                Need::Absent(key) => write!(f, "!{key}")?,
                Need::Invalid => f.write_str("an unknown operator")?,
            }
        }
        Ok(())
    }
}

fn expression(node: NodeRef<'_>) -> Need<'_> {
    let key = node.get("key").and_then(NodeRef::text).unwrap_or_default();
    let values = node.get("values").into_iter().flat_map(NodeRef::items).filter_map(NodeRef::text).collect();
    match node.get("operator").and_then(NodeRef::text) {
        Some("In") => Need::In(key, values),
        Some("NotIn") => Need::NotIn(key, values),
        Some("Exists") => Need::Exists(key),
        Some("DoesNotExist") => Need::Absent(key),
        _ => Need::Invalid,
    }
}
