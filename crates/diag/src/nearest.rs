//! The name that was probably meant.

/// The candidate closest to a misspelt name, if any is close enough to be a plausible slip.
///
/// Distance is counted in insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), not
/// counting case. One slip is allowed in a name of up to five characters, then one more for every three; of equally
/// close candidates the first wins.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let limit = (wanted.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let given: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        if given.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        let distance = distance(&wanted, &given);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let substituted = last[column] + usize::from(letter != other);
            let mut least = substituted.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0 && column > 0 && *letter == to[column - 1] && from[row - 1] == *other;
            if swapped {
                least = least.min(before_last[column - 1] + 1);
            }
            current.push(least);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_find_the_name_that_was_meant() {
        let fields = ["replicas", "selector", "strategy", "template", "minReadySeconds", "ports", "port"];
        let check = |input, expected| assert_eq!(nearest(input, fields), expected, "{input}");
        check("replica", Some("replicas"));
        check("Replicas", Some("replicas"));
        check("tempalte", Some("template"));
        check("startegy", Some("strategy"));
        check("minReadySecond", Some("minReadySeconds"));
        check("prot", Some("port"));
        check("portss", Some("ports"));
        check("colour", None);
        check("", None);
    }
}
