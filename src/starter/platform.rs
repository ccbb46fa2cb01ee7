//! What a hosting platform runs in the user's repository: workflows of GitHub, a pipeline of GitLab.

use super::embedded::TEMPLATES;

/// A hosting platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// GitHub, with GitHub Actions.
    GitHub,
    /// GitLab, with its pipelines.
    GitLab,
}

/// All of these files: whose it is, where it goes, and its text below `templates/platforms/`. Nothing
/// is filled in.
const FILES: &[(Platform, &str, &str)] = &[
    (Platform::GitHub, ".github/workflows/attestry.yml", "github.yml"),
    (Platform::GitHub, ".github/workflows/attestry-approvals.yml", "github-approvals.yml"),
    (Platform::GitLab, ".gitlab-ci.yml", "gitlab-ci.yml"),
];

/// The files for a platform, by their path in the user's repository.
pub fn platform_files(platform: Platform) -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().filter(move |(whose, ..)| *whose == platform).filter_map(|(_, path, name)| {
        let text = TEMPLATES.iter().find(|(template, _)| template.strip_prefix("platforms/") == Some(*name));
        text.map(|(_, text)| (*path, *text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_there() {
        let there = |platform| platform_files(platform).count();
        assert_eq!(there(Platform::GitHub) + there(Platform::GitLab), FILES.len());
        let templates = TEMPLATES.iter().filter(|(path, _)| path.starts_with("platforms/"));
        assert_eq!(templates.count(), FILES.len(), "a template that nobody gets");
    }
}
