//! An entry as the YAML of its file: fields in a fixed order, one review and one file per item, so
//! that a person can follow what an import adds.

use super::{Entry, KIND};
use crate::yaml::{flow, scalar};
use serde_json::{Map, Value, json};

/// The fields of an entry's document, in their order.
pub fn fields(entry: &Entry) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("id", json!(entry.id));
    put("kind", json!(KIND));
    if let Some(title) = &entry.title {
        put("title", json!(title));
    }
    put("platform", json!(entry.platform.name()));
    put("repository", json!(entry.repository));
    put("request", json!(entry.request));
    put("request_url", json!(entry.request_url));
    put("request_author", json!(entry.request_author));
    put("merged_on", json!(entry.merged_on.to_string()));
    for (name, value) in [("merged_by", &entry.merged_by), ("head", &Some(entry.head.clone())), ("merge", &entry.merge)]
    {
        if let Some(value) = value {
            put(name, json!(value));
        }
    }
    let reviews = entry.reviews.iter().map(|review| {
        let submitted = review.submitted.map(|moment| moment.to_string());
        let known = [
            ("reviewer", Some(review.reviewer.clone())),
            ("state", Some(review.state.name().to_owned())),
            ("submitted", submitted),
            ("commit", review.commit.clone()),
        ];
        let mut fields: Map<String, Value> =
            known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
        if review.unlisted {
            fields.insert("unlisted".to_owned(), json!(true));
        }
        Value::Object(fields)
    });
    put("reviews", reviews.collect());
    let files = entry.files.iter().map(|file| {
        let known = [
            ("path", Some(file.path.clone())),
            ("status", Some(file.status.name().to_owned())),
            ("previous_path", file.previous_path.clone()),
            ("blob", file.blob.clone()),
        ];
        known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect::<Value>()
    });
    put("files", files.collect());
    if entry.unlisted_files > 0 {
        put("unlisted_files", json!(entry.unlisted_files));
    }
    fields
}

/// The text of an entry's file. `others` are fields of the document that an import knows nothing
/// of, such as an owner: they follow at the end.
pub fn write(entry: &Entry, others: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (name, value) in fields(entry).iter().chain(others) {
        match value {
            Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => {
                text.push_str(&format!("{}:\n", scalar(name)));
                for item in items {
                    for (index, (name, value)) in item.as_object().into_iter().flatten().enumerate() {
                        let lead = if index == 0 { "  - " } else { "    " };
                        text.push_str(&format!("{lead}{}: {}\n", scalar(name), flow(value)));
                    }
                }
            }
            value => text.push_str(&format!("{}: {}\n", scalar(name), flow(value))),
        }
    }
    text
}
