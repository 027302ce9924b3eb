//! Sets of points on a line as sorted, disjoint, non-adjacent closed ranges: the algebra under ports and addresses.

/// A point with neighbours. `IpAddr` and packed ports are the two in use.
pub(crate) trait Point: Copy + Ord {
    /// The next point, where there is one on the same line.
    fn next(self) -> Option<Self>;
    /// The point before, where there is one on the same line.
    fn previous(self) -> Option<Self>;
}

/// A set of points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Intervals<T> {
    ranges: Vec<(T, T)>,
}

impl<T> Default for Intervals<T> {
    fn default() -> Self {
        Intervals { ranges: Vec::new() }
    }
}

impl<T: Point> Intervals<T> {
    /// The union of any ranges, in any order; a range that ends before it starts is empty.
    pub fn new(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut sorted: Vec<(T, T)> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        sorted.sort_unstable();
        let mut merged: Vec<(T, T)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match merged.last_mut() {
                Some((_, end)) if first <= *end || end.next() == Some(first) => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        Intervals { ranges: merged }
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub fn ranges(&self) -> &[(T, T)] {
        &self.ranges
    }

    pub fn contains(&self, point: T) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= point);
        after > 0 && self.ranges[after - 1].1 >= point
    }

    pub fn union(&self, other: &Self) -> Self {
        Self::new(self.ranges.iter().chain(&other.ranges).copied())
    }

    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        let mut ranges = Vec::new();
        while let (Some((first_a, last_a)), Some((first_b, last_b))) = (left.peek(), right.peek()) {
            let (first, last) = (*first_a.max(first_b), *last_a.min(last_b));
            if first <= last {
                ranges.push((first, last));
            }
            if last_a < last_b {
                left.next()
            } else {
                right.next()
            };
        }
        Intervals { ranges }
    }

    pub fn difference(&self, other: &Self) -> Self {
        let mut ranges = Vec::new();
        for &(first, last) in &self.ranges {
            let mut rest = Some(first);
            let begin = other.ranges.partition_point(|(_, end)| *end < first);
            for &(hole, end) in other.ranges[begin..].iter().take_while(|(hole, _)| *hole <= last) {
                if let (Some(start), Some(before)) = (rest, hole.previous())
                    && start <= before
                {
                    ranges.push((start, before));
                }
                rest = end.next();
            }
            if let Some(start) = rest.filter(|start| *start <= last) {
                ranges.push((start, last));
            }
        }
        Intervals { ranges }
    }
}
