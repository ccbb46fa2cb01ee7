//! A merge request of GitLab, from what its REST API prints: the merge request, its approvals and,
//! where they are given, its diffs. Approvals name no commit, and diffs no blob.

use super::{
    entry::{
        Entry, File, FileStatus, Platform, Review, ReviewState, file_stem, is_account, is_object, is_path, moment,
    },
    github::{address, is_segment, title},
    import::{Defect, Part, Request, text, value},
};
use serde_json::{Map, Value};

/// The calls whose output is imported.
pub(super) const CALLS: &str =
    "give what `glab api projects/PROJECT/merge_requests/NUMBER` prints, and the same for `…/approvals` and `…/diffs`";

const A_COMMIT: &str = "is not a commit id of 40 hexadecimal digits";
const AN_ACCOUNT: &str = "is not the name of an account";
const A_TIME: &str = "is not a date and time";

/// Whether approvals say that they belong to a merge request; none where they name none.
pub(super) fn belongs(request: &Map<String, Value>, part: &Map<String, Value>) -> Option<bool> {
    let same = |field: &str| Some(value(request, field)? == value(part, field)?);
    match (same("/iid"), same("/project_id")) {
        (None, None) => None,
        (number, project) => Some(number.unwrap_or(true) && project.unwrap_or(true)),
    }
}

/// The entry of a merge request.
pub(super) fn entry(request: Request) -> Result<Entry, Defect> {
    let Request { part, reviews, files, .. } = request;
    let number = value(&part.object, "/iid").and_then(Value::as_u64).filter(|number| *number > 0);
    let project = value(&part.object, "/project_id").map_or_else(|| "PROJECT".to_owned(), Value::to_string);
    let shown = number.map_or_else(|| "NUMBER".to_owned(), |number| number.to_string());
    let call = format!("glab api projects/{project}/merge_requests/{shown}");
    let what = format!("merge request {shown}");
    let own = what.as_str();
    let Some(number) = number else { return Err(part.lacks("the merge request", "/iid", &call)) };
    let url = part.needs("/web_url", |url| repository(url, number).is_some(), (own, "is not its address", &call))?;
    let repository = repository(&url, number).unwrap_or_default();
    let state = part.needs("/state", |state| !state.is_empty(), (own, "is empty", &call))?;
    if state != "merged" {
        return Err(Defect {
            message: format!("`{}`: {own} of `{repository}` is not merged, it is {state}", part.name),
            help: "import it once it is merged: only then its head and its approvals are final".to_owned(),
        });
    }
    let merged_on = part.needs("/merged_at", |text| moment(text).is_some(), (own, A_TIME, &call))?;
    if reviews.is_empty() {
        return Err(Defect {
            message: format!("`{}`: the approvals of {own} are not there", part.name),
            help: format!("`{call}/approvals` prints them"),
        });
    }
    let author = part.needs("/author/username", is_account, (own, AN_ACCOUNT, &call))?;
    let merger = part.may_have("/merge_user/username", is_account, (own, AN_ACCOUNT, &call))?;
    let merge = part.may_have("/merge_commit_sha", is_object, (own, A_COMMIT, &call))?;
    let squashed = part.may_have("/squash_commit_sha", is_object, (own, A_COMMIT, &call))?;
    let mut approvals = Vec::new();
    for part in &reviews {
        approvals.extend(approved(part, &format!("{call}/approvals"))?);
    }
    // A text: `3`, or `1000+` where they are too many to count.
    let changed = value(&part.object, "/changes_count").map(|count| match count {
        Value::String(text) => text.trim_end_matches('+').parse().unwrap_or(0),
        count => count.as_u64().unwrap_or(0),
    });
    let mut entry = Entry {
        id: format!("APV-{}", file_stem(Platform::GitLab, &repository, number)),
        title: title(&part.object),
        platform: Platform::GitLab,
        repository,
        request: number,
        request_url: url,
        request_author: author,
        merged_on: moment(&merged_on).ok_or_else(|| part.wrong(own, "/merged_at", A_TIME, &call))?,
        merged_by: merger.or(part.may_have("/merged_by/username", is_account, (own, AN_ACCOUNT, &call))?),
        head: part.needs("/sha", is_object, (own, A_COMMIT, &call))?,
        merge: merge.or(squashed),
        reviews: approvals,
        files: files.iter().map(|file| changed_file(file, &call)).collect::<Result<_, _>>()?,
        unlisted_files: changed.unwrap_or(0_u64).saturating_sub(files.len() as u64),
    };
    entry.sort();
    Ok(entry)
}

/// The approvals that stand when the API is asked; it does not tell of those that were taken back.
fn approved(part: &Part, call: &str) -> Result<Vec<Review>, Defect> {
    let list = value(&part.object, "/approved_by").and_then(Value::as_array);
    let of = |approval: &Value| {
        let one = Part { name: part.name.clone(), object: approval.as_object().cloned().unwrap_or_default() };
        let reviewer = one.needs("/user/username", is_account, ("an approval", AN_ACCOUNT, call))?;
        let submitted = text(&one.object, "/approved_at").and_then(moment);
        Ok(Review { submitted, reviewer, state: ReviewState::Approved, commit: None, unlisted: false })
    };
    list.into_iter().flatten().map(of).collect()
}

fn changed_file(part: &Part, call: &str) -> Result<File, Defect> {
    const WHAT: &str = "a diff";
    let call = format!("{call}/diffs");
    let a_path = "is not a path that git can hold";
    let is = |field: &str| part.object.get(field) == Some(&Value::Bool(true));
    let path = part.needs("/new_path", is_path, (WHAT, a_path, &call))?;
    let status = match (is("new_file"), is("deleted_file"), is("renamed_file")) {
        (true, ..) => FileStatus::Added,
        (_, true, _) => FileStatus::Removed,
        (_, _, true) => FileStatus::Renamed,
        _ => FileStatus::Modified,
    };
    let previous_path = match status {
        FileStatus::Renamed => Some(part.needs("/old_path", is_path, (WHAT, a_path, &call))?),
        _ => None,
    };
    Ok(File { path, status, previous_path, blob: None })
}

/// Host and path of the project, where an address is that of a merge request with this number.
fn repository(url: &str, number: u64) -> Option<String> {
    let (host, path) = address(url)?;
    let project = path.strip_suffix(&format!("/merge_requests/{number}"))?;
    let project = project.strip_suffix("/-").unwrap_or(project);
    (project.split('/').count() >= 2 && project.split('/').all(is_segment)).then(|| format!("{host}/{project}"))
}
