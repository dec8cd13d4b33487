//! Sorting in little code: the standard sorts cost the page six kilobytes for each kind of list.

/// Sorts, smallest key first; what has equal keys keeps its order.
///
/// A server has room for the standard sort, which is several times as fast, and takes what is sorted already as it is.
/// Keys with their places are half as large as what is sorted and never equal: it comes to the same list.
#[cfg(not(target_arch = "wasm32"))]
pub fn sort_by_key<T: Copy, K: PartialOrd + Copy>(list: &mut [T], key: impl Fn(&T) -> K) {
    if list.is_sorted_by(|a, b| key(a) <= key(b)) {
        return;
    }
    let mut order: Vec<(K, u32)> = list.iter().map(&key).zip(0..).collect();
    order.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(core::cmp::Ordering::Equal));
    let before = list.to_vec();
    for (place, (_, from)) in list.iter_mut().zip(order) {
        if let Some(item) = before.get(from as usize) {
            *place = *item;
        }
    }
}

/// Lists of this length or less are sorted by insertion.
#[cfg(any(test, target_arch = "wasm32"))]
const RUN: usize = 12;

/// Sorts, smallest key first; what has equal keys keeps its order.
#[cfg(target_arch = "wasm32")]
pub fn sort_by_key<T: Copy, K: PartialOrd>(list: &mut [T], key: impl Fn(&T) -> K) {
    sort_in_little_code(list, key);
}

#[cfg(any(test, target_arch = "wasm32"))]
#[cfg_attr(target_arch = "wasm32", inline(always))]
fn sort_in_little_code<T: Copy, K: PartialOrd>(list: &mut [T], key: impl Fn(&T) -> K) {
    let order = order(list.len(), &|a, b| matches!((list.get(a), list.get(b)), (Some(a), Some(b)) if key(a) < key(b)));
    carry_out(order, &mut |a, b| list.swap(a, b));
}

/// Puts at each place what stands where `order` says, cycle by cycle.
#[cfg(any(test, target_arch = "wasm32"))]
fn carry_out(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        while let Some(place) = order.get_mut(at) {
            // A place that points at itself is done.
            let from = core::mem::replace(place, at);
            if from == start || from == at {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

/// The places in sorted order: a merge sort over runs of insertion sort, once for all kinds of list.
#[cfg(any(test, target_arch = "wasm32"))]
fn order(len: usize, comes_before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    for run in order.chunks_mut(RUN) {
        for end in 1..run.len() {
            let mut at = end;
            while at > 0 && matches!(run.get(at - 1..=at), Some([a, b]) if comes_before(*b, *a)) {
                run.swap(at - 1, at);
                at -= 1;
            }
        }
    }
    let mut merged = Vec::new();
    let mut width = RUN;
    while width < len {
        merged.clear();
        merged.reserve(len);
        for pair in order.chunks(width * 2) {
            let (mut left, mut right) = pair.split_at_checked(width).unwrap_or((pair, &[]));
            while let ([a, after_a @ ..], [b, after_b @ ..]) = (left, right) {
                if comes_before(*b, *a) {
                    merged.push(*b);
                    right = after_b;
                } else {
                    merged.push(*a);
                    left = after_a;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        order.copy_from_slice(&merged);
        width *= 2;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn it_sorts_and_keeps_the_order_of_equals_like_the_standard_sort() {
        let mut rng = Rng::new(2);
        for len in (0..60).chain([100, 1_000, 1_001]) {
            for kinds in [1, 3, 1_000_000] {
                let mut list: Vec<(usize, usize)> = (0..len).map(|n| (rng.below(kinds), n)).collect();
                let mut expected = list.clone();
                expected.sort_by_key(|(key, _)| *key);
                let mut natively = list.clone();
                sort_by_key(&mut natively, |(key, _)| *key);
                sort_in_little_code(&mut list, |(key, _)| *key);
                assert_eq!(list, expected);
                assert_eq!(natively, expected);
            }
        }
    }
}
