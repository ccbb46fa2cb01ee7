//! A pull request of GitHub, from what its REST API prints: the pull itself, its reviews and its
//! files.

use super::{
    entry::{
        Entry, File, FileStatus, Platform, Review, ReviewState, file_stem, is_account, is_object, is_path, moment,
    },
    import::{Defect, Part, Request, text, value},
};
use serde_json::{Map, Value};

/// The calls whose output is imported.
pub(super) const CALLS: &str = "give what `gh api repos/OWNER/NAME/pulls/NUMBER` prints, and the same with `--paginate` for `…/reviews` and `…/files`";

/// The API lists no more files of a pull request than this.
const FILES_LISTED: u64 = 3000;
/// The account that stands for one that was deleted.
const GHOST: &str = "ghost";

const A_COMMIT: &str = "is not a commit id of 40 hexadecimal digits";
const AN_ACCOUNT: &str = "is not the name of an account";
const A_TIME: &str = "is not a date and time";

/// Whether a review or a file says that it belongs to a pull request; none where it names none.
pub(super) fn belongs(pull: &Map<String, Value>, part: &Map<String, Value>) -> Option<bool> {
    if let Some(address) = text(part, "/pull_request_url") {
        let own = format!("/repos/{}/pulls/{}", text(pull, "/base/repo/full_name")?, value(pull, "/number")?);
        return Some(address.to_ascii_lowercase().ends_with(&own.to_ascii_lowercase()));
    }
    if text(part, "/status") == Some("removed") {
        return None;
    }
    let (_, commit) = text(part, "/contents_url")?.rsplit_once("ref=")?;
    Some(text(pull, "/head/sha")? == commit)
}

/// The entry of a pull request.
pub(super) fn entry(request: Request) -> Result<Entry, Defect> {
    let Request { part, reviews, files, empty, .. } = request;
    let number = value(&part.object, "/number").and_then(Value::as_u64).filter(|number| *number > 0);
    let name = text(&part.object, "/base/repo/full_name").unwrap_or("OWNER/NAME");
    let shown = number.map_or_else(|| "NUMBER".to_owned(), |number| number.to_string());
    let call = format!("gh api repos/{name}/pulls/{shown}");
    let what = format!("pull request {shown}");
    let own = what.as_str();
    let Some(number) = number else { return Err(part.lacks("the pull request", "/number", &call)) };
    let name = part.needs("/base/repo/full_name", is_name, (own, "is not `OWNER/NAME`", &call))?;
    let url = part.needs("/html_url", |url| host(url, &name, number).is_some(), (own, "is not its address", &call))?;
    let repository = format!("{}/{name}", host(&url, &name, number).unwrap_or_default());
    let merged_on = match part.object.get("merged_at") {
        Some(Value::Null) => {
            let state =
                if text(&part.object, "/state") == Some("closed") { "closed without a merge" } else { "still open" };
            return Err(Defect {
                message: format!("`{}`: {own} of `{name}` is not merged, it is {state}", part.name),
                help: "import it once it is merged: only then its head and its reviews are final".to_owned(),
            });
        }
        _ => part.needs("/merged_at", |text| moment(text).is_some(), (own, A_TIME, &call))?,
    };
    let head = part.needs("/head/sha", is_object, (own, A_COMMIT, &call))?;
    // Lists of pulls are shorter than the pull itself.
    let Some(changed) = value(&part.object, "/changed_files").and_then(Value::as_u64) else {
        return Err(part.lacks(own, "/changed_files", &call));
    };
    // An empty list says of itself neither that it is one of reviews nor that it is one of files.
    if files.is_empty() && (changed > 0 || empty < 1 + usize::from(reviews.is_empty())) {
        return Err(lacks_list(&part, own, "files", &call));
    }
    if reviews.is_empty() && empty == 0 {
        return Err(lacks_list(&part, own, "reviews", &call));
    }
    let account = |pointer: &str| part.may_have(pointer, is_account, (own, AN_ACCOUNT, &call));
    let mut entry = Entry {
        id: format!("APV-{}", file_stem(Platform::GitHub, &repository, number)),
        title: title(&part.object),
        platform: Platform::GitHub,
        request_url: url,
        request: number,
        request_author: account("/user/login")?.unwrap_or_else(|| GHOST.to_owned()),
        merged_on: moment(&merged_on).ok_or_else(|| part.wrong(own, "/merged_at", A_TIME, &call))?,
        merged_by: account("/merged_by/login")?,
        head,
        merge: part.may_have("/merge_commit_sha", is_object, (own, A_COMMIT, &call))?,
        reviews: reviews.iter().filter_map(|review| reviewed(review, &call).transpose()).collect::<Result<_, _>>()?,
        files: files.iter().filter_map(|file| changed_file(file, &call).transpose()).collect::<Result<_, _>>()?,
        unlisted_files: 0,
        repository,
    };
    entry.sort();
    let listed = files.len() as u64;
    if listed > changed || listed < changed && listed < FILES_LISTED {
        return Err(Defect {
            message: format!("`{}`: {own} of `{name}` changed {changed} files, and {listed} are given", part.name),
            help: format!("`gh api --paginate {}/files` prints all of them", call.trim_start_matches("gh api ")),
        });
    }
    entry.unlisted_files = changed - listed;
    Ok(entry)
}

fn lacks_list(part: &Part, own: &str, list: &str, call: &str) -> Defect {
    Defect {
        message: format!("`{}`: the {list} of {own} are not there", part.name),
        help: format!(
            "`gh api --paginate {}/{list}` prints them; where there are none, it prints `[]`, which is to be given too",
            call.trim_start_matches("gh api ")
        ),
    }
}

/// A review; none for one that is not submitted yet.
fn reviewed(part: &Part, call: &str) -> Result<Option<Review>, Defect> {
    const WHAT: &str = "a review";
    let call = format!("{call}/reviews");
    let state = part.needs("/state", |state| !state.is_empty(), (WHAT, "is empty", &call))?;
    let state = match state.to_ascii_uppercase().as_str() {
        "PENDING" => return Ok(None),
        "APPROVED" => ReviewState::Approved,
        "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
        "DISMISSED" => ReviewState::Dismissed,
        "COMMENTED" => ReviewState::Commented,
        _ => return Err(part.wrong(WHAT, "/state", "is no state that attestry knows", &call)),
    };
    let submitted = part.needs("/submitted_at", |text| moment(text).is_some(), (WHAT, A_TIME, &call))?;
    if !part.object.contains_key("user") {
        return Err(part.lacks(WHAT, "/user/login", &call));
    }
    let reviewer = part.may_have("/user/login", is_account, (WHAT, AN_ACCOUNT, &call))?;
    Ok(Some(Review {
        submitted: moment(&submitted),
        reviewer: reviewer.unwrap_or_else(|| GHOST.to_owned()),
        state,
        commit: part.may_have("/commit_id", is_object, (WHAT, A_COMMIT, &call))?,
        unlisted: false,
    }))
}

/// A file; none for one that is listed and did not change.
fn changed_file(part: &Part, call: &str) -> Result<Option<File>, Defect> {
    const WHAT: &str = "a changed file";
    let call = format!("{call}/files");
    let a_path = "is not a path that git can hold";
    let path = part.needs("/filename", is_path, (WHAT, a_path, &call))?;
    let status = part.needs("/status", |status| !status.is_empty(), (WHAT, "is empty", &call))?;
    let status = match status.as_str() {
        "added" | "copied" => FileStatus::Added,
        "modified" | "changed" => FileStatus::Modified,
        "renamed" => FileStatus::Renamed,
        "removed" => FileStatus::Removed,
        "unchanged" => return Ok(None),
        _ => return Err(part.wrong(WHAT, "/status", "is no status that attestry knows", &call)),
    };
    let previous_path = match status {
        FileStatus::Renamed => Some(part.needs("/previous_filename", is_path, (WHAT, a_path, &call))?),
        _ => None,
    };
    // Of a file that was removed the API names the blob that was there before.
    let blob = match status {
        FileStatus::Removed => None,
        _ => Some(part.needs("/sha", is_object, (WHAT, "is not a blob id of 40 hexadecimal digits", &call))?),
    };
    Ok(Some(File { path, status, previous_path, blob }))
}

/// A title in one line.
pub(super) fn title(object: &Map<String, Value>) -> Option<String> {
    let words = text(object, "/title")?.split(|character: char| character.is_whitespace() || character.is_control());
    let title: String = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").chars().take(300).collect();
    (!title.is_empty()).then_some(title)
}

fn is_name(text: &str) -> bool {
    text.split('/').count() == 2 && text.split('/').all(is_segment)
}

/// Whether a text can be a part of a repository's name.
pub(super) fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
        && text.len() <= 255
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The host of a pull request's address, where the address fits the pull request.
fn host<'a>(url: &'a str, name: &str, number: u64) -> Option<&'a str> {
    let (host, path) = address(url)?;
    path.eq_ignore_ascii_case(&format!("{name}/pull/{number}")).then_some(host)
}

/// Host and path of an address.
pub(super) fn address(url: &str) -> Option<(&str, &str)> {
    let (host, path) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?.split_once('/')?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':');
    (!host.is_empty() && host.bytes().all(allowed)).then_some((host, path))
}
