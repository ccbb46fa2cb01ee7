//! New documents: the starter of `init`, skeletons made from a kind's schema, the next free id, and
//! an entry put into a register without touching the rest of its text.

mod append;
mod next;
mod platform;
mod review;
mod skeleton;
mod written;

pub use crate::yaml::scalar;
pub use append::append;
pub use next::{next_id, slug};
pub use platform::{Platform, platform_files};
pub use review::{NewReview, reviewed};
pub use skeleton::{Seed, Skeleton, register, skeleton};

#[expect(unreachable_pub, reason = "the table is public where others include it")]
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/templates.rs"));
}

/// The files of a new SMS, by path, with `@organization@`, `@zone@`, `@today@` and `@year@` filled
/// in. Values are YAML scalars where they stand in YAML.
pub fn files(organization: &str, zone: &str, today: crate::calendar::Date) -> Vec<(&'static str, String)> {
    let in_a_year = crate::calendar::Interval { months: 12, days: 0 }.after(today);
    embedded::TEMPLATES
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("init/")?, *text)))
        .map(|(path, text)| {
            // A file whose name starts with a dot would be hidden among the templates.
            let path = if path == "gitignore" { ".gitignore" } else { path };
            let text = text
                .replace("@organization@", &scalar(organization))
                .replace("@zone@", &scalar(zone))
                .replace("@today@", &today.to_string())
                .replace("@in-a-year@", &in_a_year.to_string())
                .replace("@year@", &today.year().to_string());
            (path, text)
        })
        .collect()
}
