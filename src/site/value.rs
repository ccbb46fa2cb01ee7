//! Structured values as HTML: nested definition lists, lists, and tables where every item is flat.

use super::{
    Site, html,
    html::escape,
    markdown::{heading_ids, heading_of},
    view::Link,
};
use crate::{kind::Shape, sms::Target, yaml::escape as escape_pointer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Wider lists are easier to read as lists.
const COLUMNS: usize = 8;

/// The values of one document.
pub(super) struct Values<'site, 'sms> {
    site: &'site Site<'sms>,
    position: usize,
    root: &'site str,
    /// Where references lead, by pointer.
    references: BTreeMap<&'site str, Target>,
}

impl<'site, 'sms> Values<'site, 'sms> {
    pub(super) fn new(site: &'site Site<'sms>, position: usize, root: &'site str) -> Self {
        let references = site
            .sms
            .outgoing(position)
            .filter_map(|reference| Some((reference.pointer()?, reference.target)))
            .collect();
        Self { site, position, root, references }
    }

    /// What a field is called in print.
    pub(super) fn title(&self, field: &str, shape: Option<&Shape>) -> String {
        let title = shape.and_then(|shape| shape.properties.get(field)).and_then(|shape| shape.title.as_deref());
        if let Some(title) = title.filter(|title| !self.site.shared_titles.contains(*title)) {
            return title.to_owned();
        }
        let words = field.replace(['_', '-'], " ");
        let mut characters = words.chars();
        characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
    }

    /// The value of a field.
    pub(super) fn field(&self, field: &str, value: &Value, shape: Option<&Shape>) -> String {
        let inner = shape.and_then(|shape| shape.properties.get(field)).map(AsRef::as_ref);
        let caption = self.title(field, shape);
        self.value(value, inner, &format!("/{}", escape_pointer(field)), &caption)
    }

    fn value(&self, value: &Value, shape: Option<&Shape>, pointer: &str, caption: &str) -> String {
        match value {
            Value::Array(items) => self.list(items, shape.and_then(|shape| shape.items.as_deref()), pointer, caption),
            Value::Object(fields) => {
                short(fields).map_or_else(|| self.fields(fields, shape, pointer), |text| escape(&text))
            }
            scalar => self.scalar(scalar, shape, pointer),
        }
    }

    fn scalar(&self, value: &Value, shape: Option<&Shape>, pointer: &str) -> String {
        match value {
            Value::Null => "<span class=\"note\">none</span>".to_owned(),
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            Value::String(text) => self.text(text, shape, pointer),
            other => escape(&other.to_string()),
        }
    }

    fn text(&self, text: &str, shape: Option<&Shape>, pointer: &str) -> String {
        match self.references.get(pointer) {
            Some(Target::Document(position)) if self.site.sms.documents[*position].kind == "role-assignment" => {
                return link(&self.site.party(text, self.root));
            }
            Some(Target::Document(position)) => return link(&self.site.link(*position, self.root)),
            Some(Target::Person) => return link(&self.site.party(text, self.root)),
            Some(Target::Row(population, _)) => return self.row(text, *population),
            Some(Target::Missing) | None => {}
        }
        if let Some(anchor) = text.strip_prefix('#').filter(|_| shape.is_some_and(|shape| shape.section))
            && let Some(link) = self.section(anchor)
        {
            return link;
        }
        if let Some(outside) = html::outside(text.trim()) {
            return format!("<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>", escape(&outside), escape(text));
        }
        let paragraphs: Vec<&str> = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).collect();
        match paragraphs.as_slice() {
            [] => String::new(),
            [one] => escape(one).replace('\n', "<br>"),
            several => several
                .iter()
                .fold(String::new(), |html, one| html + "<p>" + &escape(one).replace('\n', "<br>") + "</p>"),
        }
    }

    fn row(&self, id: &str, population: usize) -> String {
        if self.site.withheld.unclassified() {
            return escape(id);
        }
        html::link(&format!("{}data.html#set-{}", self.root, population + 1), id)
    }

    /// A link to a heading of the document's own text.
    fn section(&self, anchor: &str) -> Option<String> {
        let body = self.site.sms.documents[self.position].body.as_ref()?;
        let id = heading_of(body, anchor)?;
        let index = heading_ids(body).iter().position(|other| *other == id)?;
        Some(html::link(&format!("#{}", html::encode(&id)), &format!("section “{}”", body.headings[index].text)))
    }

    fn fields(&self, fields: &Map<String, Value>, shape: Option<&Shape>, pointer: &str) -> String {
        let mut html = String::from("<dl>");
        for (field, value) in fields {
            let inner = shape.and_then(|shape| shape.properties.get(field)).map(AsRef::as_ref);
            let title = self.title(field, shape);
            let at = format!("{pointer}/{}", escape_pointer(field));
            html.push_str(&format!("<dt>{}</dt><dd>{}</dd>", escape(&title), self.value(value, inner, &at, &title)));
        }
        html.push_str("</dl>");
        if fields.is_empty() { String::new() } else { html }
    }

    fn list(&self, items: &[Value], shape: Option<&Shape>, pointer: &str, caption: &str) -> String {
        if items.is_empty() {
            return "<span class=\"note\">none</span>".to_owned();
        }
        if let Some(columns) = columns(items) {
            return self.table(items, &columns, shape, pointer, caption);
        }
        let all_short = items.iter().all(|item| item.as_str().is_none_or(|text| text.len() <= 40) && !item.is_object());
        let mut html = String::from(if all_short { "<ul class=\"short\">" } else { "<ul>" });
        for (index, item) in items.iter().enumerate() {
            html.push_str(&format!("<li>{}</li>", self.value(item, shape, &format!("{pointer}/{index}"), caption)));
        }
        html + "</ul>"
    }

    fn table(&self, items: &[Value], columns: &[&str], shape: Option<&Shape>, pointer: &str, caption: &str) -> String {
        let mut html = format!(
            "<div class=\"scroll\" tabindex=\"0\"><table><caption class=\"visually-hidden\">{}</caption><thead><tr>",
            escape(caption)
        );
        for column in columns {
            html.push_str(&format!("<th scope=\"col\">{}</th>", escape(&self.title(column, shape))));
        }
        html.push_str("</tr></thead><tbody>");
        for (index, item) in items.iter().enumerate() {
            html.push_str("<tr>");
            for column in columns {
                let inner = shape.and_then(|shape| shape.properties.get(*column)).map(AsRef::as_ref);
                let at = format!("{pointer}/{index}/{}", escape_pointer(column));
                let cell = item.get(column).map_or_else(String::new, |value| self.value(value, inner, &at, column));
                html.push_str(&format!("<td>{cell}</td>"));
            }
            html.push_str("</tr>");
        }
        html + "</tbody></table></div>"
    }
}

/// A link as HTML, with what it is beside its name.
pub(super) fn link(link: &Link) -> String {
    let name = link.href.as_ref().map_or_else(|| escape(&link.text), |href| html::link(href, &link.text));
    link.note
        .as_ref()
        .map_or_else(|| name.clone(), |note| format!("{name} <span class=\"note\">{}</span>", escape(note)))
}

/// Money, quantities and periods in one phrase.
fn short(fields: &Map<String, Value>) -> Option<String> {
    let shown = |field: &str| match fields.get(field)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    (fields.len() == 2).then_some(())?;
    let pair = |first: &str, between: &str, second: &str| Some(format!("{}{between}{}", shown(first)?, shown(second)?));
    pair("amount", " ", "currency").or_else(|| pair("value", " ", "unit")).or_else(|| pair("from", " to ", "to"))
}

/// The columns of a list whose items are all flat; none where it is better shown as a list.
fn columns(items: &[Value]) -> Option<Vec<&str>> {
    let mut columns: Vec<&str> = Vec::new();
    for item in items {
        for (field, value) in item.as_object()? {
            let flat = match value {
                Value::Object(fields) => short(fields).is_some(),
                Value::Array(items) => items.iter().all(|item| !item.is_array() && !item.is_object()),
                _ => true,
            };
            if !flat {
                return None;
            }
            if !columns.contains(&field.as_str()) {
                columns.push(field);
            }
        }
    }
    (items.len() > 1 && !columns.is_empty() && columns.len() <= COLUMNS).then_some(columns)
}
