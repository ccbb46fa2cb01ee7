//! The next free id of a kind.

use crate::{
    kind::Kind,
    sms::{Sms, Target},
};

/// Prefix and number in the way that is in use: after `CHG-2026-0041` comes `CHG-2026-0042`, in
/// the next year `CHG-2027-0001`. Kinds whose ids are names take theirs from the title.
pub fn next_id(sms: &Sms, kind: &Kind, title: Option<&str>) -> String {
    let in_use = ids_in_use(sms, &kind.name);
    let numbered: Vec<(&str, &str)> = in_use.iter().filter_map(|id| split(id)).collect();
    if numbered.is_empty()
        && !in_use.is_empty()
        && let Some(name) = title.map(slug).filter(|name| !name.is_empty())
        && sms.resolve(&name) == Target::Missing
    {
        return name;
    }
    let default = if kind.prefix.is_empty() { format!("{}-", kind.name.to_uppercase()) } else { kind.prefix.clone() };
    let stem = numbered.iter().map(|(stem, _)| *stem).max().unwrap_or(&default);
    let stem = this_year(stem, sms.as_of.year());
    let width = numbered.iter().map(|(_, digits)| digits.len()).max().unwrap_or(3);
    let last = ids_with(sms, &stem).max().unwrap_or(0);
    // Numbers have nine digits at most, see `ids_with`; one of the next ten thousand is free.
    (last + 1..last + 10_000)
        .map(|number| format!("{stem}{number:0width$}"))
        .find(|id| sms.resolve(id) == Target::Missing)
        .unwrap_or(stem)
}

/// Ids of a kind, rows of data sets included.
fn ids_in_use<'a>(sms: &'a Sms, kind: &str) -> Vec<&'a str> {
    let documents = sms.documents.iter().filter(|document| document.kind == kind).map(|document| document.id.as_str());
    let rows = sms.populations.iter().filter(|population| population.kind == kind);
    documents.chain(rows.flat_map(|population| population.rows.iter().map(|row| row.id.as_str()))).collect()
}

/// The numbers of all ids that start so, whatever their kind.
fn ids_with<'a>(sms: &'a Sms, stem: &'a str) -> impl Iterator<Item = u64> + 'a {
    let number = move |id: &str| {
        id.get(..stem.len())
            .filter(|start| start.eq_ignore_ascii_case(stem))
            .map(|_| &id[stem.len()..])
            .filter(|digits| digits.len() <= 9)
            .and_then(|digits| digits.parse::<u64>().ok())
    };
    let documents = sms.documents.iter().filter_map(move |document| number(&document.id));
    let rows = sms.populations.iter().flat_map(|population| &population.rows);
    documents.chain(rows.filter_map(move |row| number(&row.id)))
}

/// `CHG-2026-0041` as `CHG-2026-` and `0041`; none where no number stands after a dash.
fn split(id: &str) -> Option<(&str, &str)> {
    let stem = id.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = &id[stem.len()..];
    // Names of files that stand for ids, and numbers that mean a year, are no pattern to go on.
    let year =
        digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")) && stem.matches('-').count() == 1;
    (stem.ends_with('-') && !stem.contains('/') && !digits.is_empty() && digits.len() <= 9 && !year)
        .then_some((stem, digits))
}

/// A stem that ends with a year, with the year of the day of judgement.
fn this_year(stem: &str, year: i16) -> String {
    let parts = stem.trim_end_matches('-').rsplit_once('-');
    match parts {
        Some((before, former))
            if former.len() == 4 && former.parse::<i16>().is_ok_and(|former| (1990..year).contains(&former)) =>
        {
            format!("{before}-{year}-")
        }
        _ => stem.to_owned(),
    }
}

/// Words as a name of a file or an id: `Release and deployment` is `release-and-deployment`.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_end_matches('-').chars().take(60).collect();
    slug.trim_end_matches('-').to_owned()
}
