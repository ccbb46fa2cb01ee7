//! What a hosting platform runs in the user's repository: workflows of GitHub, a pipeline of GitLab.

use super::{embedded::TEMPLATES, scalar};

/// A hosting platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// GitHub, with GitHub Actions.
    GitHub,
    /// GitLab, with its pipelines.
    GitLab,
}

/// All of these files: whose it is, where it goes, and its text below `templates/platforms/`.
const FILES: &[(Platform, &str, &str)] = &[
    (Platform::GitHub, ".github/workflows/attestry.yml", "github.yml"),
    (Platform::GitHub, ".github/workflows/attestry-approvals.yml", "github-approvals.yml"),
    (Platform::GitLab, ".gitlab-ci.yml", "gitlab-ci.yml"),
];

/// The files for a platform, by their path from the root of the user's repository. `folder` is where
/// the SMS lies in it: empty, or a path.
pub fn platform_files(platform: Platform, folder: &str) -> impl Iterator<Item = (&'static str, String)> {
    let folder = if folder.is_empty() { ".".to_owned() } else { scalar(folder) };
    FILES.iter().filter(move |(whose, ..)| *whose == platform).filter_map(move |(_, path, name)| {
        let text = TEMPLATES.iter().find(|(template, _)| template.strip_prefix("platforms/") == Some(*name));
        text.map(|(_, text)| (*path, text.replace("@folder@", &folder)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_there() {
        let there = |platform| platform_files(platform, "a b").count();
        assert_eq!(there(Platform::GitHub) + there(Platform::GitLab), FILES.len());
        let templates = TEMPLATES.iter().filter(|(path, _)| path.starts_with("platforms/"));
        assert_eq!(templates.count(), FILES.len(), "a template that nobody gets");
    }
}
