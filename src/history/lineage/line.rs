//! What the first-parent line had of a file where a merge took it from a branch.

use super::{Followed, Taken, Touched};

/// Makes each merge a version that took a file from a branch without bringing a version of it: it
/// took back what the first-parent line had made of it. And where what a merge brought is older by
/// date than what it displaced, puts the versions in the order in which that line got them.
pub(super) fn settle(commits: &[Touched], files: &mut [Followed], mut taken: Vec<Taken>) {
    if taken.is_empty() {
        return;
    }
    let brought_by = arrivals(commits);
    let arrival = |place: u32| brought_by.get(place as usize).copied().unwrap_or(place);
    taken.sort_unstable();
    for of_file in taken.chunk_by(|a, b| a.0 == b.0) {
        let Some(file) = of_file.first().and_then(|(file, ..)| files.get_mut(*file as usize)) else { continue };
        let mut brought: Vec<(u32, u32)> = file.versions.iter().map(|(place, _)| (arrival(*place), *place)).collect();
        brought.sort_unstable();
        let mut is_displaced = false;
        for &(_, merge, change) in of_file {
            // The newest of the versions that the merge brought.
            let newest = brought.get(brought.partition_point(|one| one.0 < merge)).filter(|one| one.0 == merge);
            if let Some((_, newest)) = newest {
                let mut newer = file.versions.iter().take_while(|(place, _)| place < newest);
                is_displaced |= newer.any(|(place, _)| arrival(*place) > merge);
            } else {
                let at = file.versions.partition_point(|(place, _)| *place < merge);
                file.versions.insert(at, (merge, change));
            }
        }
        if is_displaced {
            file.versions.sort_by_key(|(place, _)| (arrival(*place), *place));
        }
    }
}

/// For each commit the place of that commit of the first-parent line which brought it there.
fn arrivals(commits: &[Touched]) -> Vec<u32> {
    let parents = |place: u32| commits.get(place as usize).map_or(&[][..], |commit| &commit.parents);
    let mut line: Vec<u32> = Vec::new();
    let mut next = (!commits.is_empty()).then_some(0);
    while let Some(place) = next {
        line.push(place);
        next = parents(place).first().copied();
    }
    let mut arrivals: Vec<Option<u32>> = vec![None; commits.len()];
    for &of_line in line.iter().rev() {
        let mut pending = vec![of_line];
        while let Some(place) = pending.pop() {
            if let Some(free) = arrivals.get_mut(place as usize).filter(|one| one.is_none()) {
                *free = Some(of_line);
                pending.extend(parents(place));
            }
        }
    }
    (0..).zip(arrivals).map(|(place, arrival)| arrival.unwrap_or(place)).collect()
}
