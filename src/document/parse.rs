//! From the text of a file to its documents.

use super::{Body, Defect, Document, Parsed, Problem, REGISTER, Taken, split};
use crate::{
    calendar::in_iso_form,
    configuration::{Configuration, Folder},
    fields::Fields,
    kind::{Kind, Kinds, Shape},
    source::{Place, SourceId, Span},
    yaml::{self, Node, Value as Yaml},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::OnceLock};

/// The text of a file's bytes. Bytes that are not UTF-8 become replacement characters; where the
/// first of them, or a NUL, stands is returned with what to say.
pub fn text_of(bytes: Vec<u8>) -> (String, Option<(usize, &'static str)>) {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            return (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some((at, "the file is not UTF-8 text")));
        }
    };
    let nul = memchr::memchr(0, text.as_bytes()).map(|at| (at, "the file holds a NUL character"));
    (text, nul)
}

/// Reads a Markdown or YAML file.
pub fn parse(source: SourceId, path: &str, text: &str, kinds: &Kinds, configuration: &Configuration) -> Parsed {
    let reader = FileReader { source, path, text, kinds, folder: configuration.folder(path) };
    let mut parsed = Parsed::default();
    if is_markdown(path) {
        reader.markdown(&mut parsed);
    } else {
        reader.yaml(&mut parsed);
    }
    parsed
}

/// Whether a path is one of Markdown: `.md`, `.markdown`, and those that a site generator reads
/// first, such as `.html.md.erb`.
pub fn is_markdown(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').skip(1).any(|part| part.eq_ignore_ascii_case("md") || part.eq_ignore_ascii_case("markdown"))
}

/// Reads one file. What `trace` needs of it is open to it.
pub(super) struct FileReader<'a> {
    pub(super) source: SourceId,
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) kinds: &'a Kinds,
    pub(super) folder: Option<&'a Folder>,
}

impl FileReader<'_> {
    fn markdown(&self, parsed: &mut Parsed) {
        let parts = split(self.text);
        if parts.unclosed {
            let place = self.place(first_line(self.text));
            parsed.problems.push(Problem::new(
                Defect::UnclosedFrontMatter,
                place,
                self.path,
                "the front matter that starts here does not end",
                "close it with a line `---`",
            ));
        }
        let body = Body::read(self.text, parts.body);
        let node = parts.yaml.and_then(|span| {
            let (node, defects) = yaml::read(&self.text[span.clone()], span.start);
            self.defects(defects, parsed);
            node
        });
        let broken = !parsed.problems.is_empty();
        let Some(kind) = self.kind_of(node.as_ref()) else {
            parsed.page = Some(body);
            return;
        };
        let node = node.filter(|node| matches!(node.value, Yaml::Mapping(_))).unwrap_or_else(|| self.empty());
        self.document(kind, node, Some(body), broken, parsed);
    }

    fn yaml(&self, parsed: &mut Parsed) {
        if !self.may_be_ours() {
            return;
        }
        let (node, defects) = self.read_yaml();
        let Some(node) = node else {
            if self.is_named() {
                self.defects(defects, parsed);
                if parsed.problems.is_empty() {
                    let place = self.place(0..0);
                    parsed.problems.push(Problem::new(
                        Defect::InvalidYaml,
                        place,
                        self.path,
                        "the file is empty",
                        "write the document, or remove the file",
                    ));
                }
            }
            return;
        };
        self.defects(defects, parsed);
        let broken = !parsed.problems.is_empty();
        let Some(kind) = self.kind_of(Some(&node)) else { return };
        if node.get("entries").is_some() {
            self.register(&kind, node, broken, parsed);
        } else {
            self.document(kind, node, None, broken, parsed);
        }
    }

    /// The file as YAML, where it is a document.
    pub(super) fn yaml_of_ours(&self) -> Option<Node> {
        if self.may_be_ours() { self.read_yaml().0 } else { None }
    }

    /// Whether a pattern or a folder says what the file is.
    fn is_named(&self) -> bool {
        self.folder.is_some_and(|folder| folder.kind.is_some()) || self.kinds.by_folder(self.path).is_some()
    }

    /// A file that does not say `kind` and that no pattern names is somebody else's.
    fn may_be_ours(&self) -> bool {
        self.is_named() || self.text.contains("kind")
    }

    fn read_yaml(&self) -> (Option<Node>, Vec<yaml::Defect>) {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let (node, defects) = yaml::read(text, self.text.len() - text.len());
        let is_ours = |node: &Node| node.get("apiVersion").is_none() && (self.is_named() || node.get("kind").is_some());
        (node.filter(is_ours), defects)
    }

    /// The user's names of fields.
    pub(super) fn names(&self) -> BTreeMap<String, String> {
        self.folder.map(|folder| folder.fields.clone()).unwrap_or_default()
    }

    fn document(&self, kind: String, node: Node, body: Option<Body>, broken: bool, parsed: &mut Parsed) {
        let names = self.names();
        let known = self.kinds.get(&kind);
        let mut fields = self.fields(&node, &names, known);
        let taken = self.complete(&mut fields, known, body.as_ref());
        self.unknown_kind(&kind, &node, parsed);
        let mut document = self.finish(kind, node, names, &fields, body, broken);
        document.taken = taken;
        parsed.documents.push(Self::checked(document, fields, known, &mut parsed.problems));
    }

    fn register(&self, kind: &str, mut node: Node, broken: bool, parsed: &mut Parsed) {
        self.unknown_kind(kind, &node, parsed);
        let items = take_entries(&mut node);
        let known = self.kinds.get(REGISTER);
        let mut fields = self.fields(&node, &BTreeMap::new(), known);
        let taken = self.complete(&mut fields, known, None);
        let mut register = self.finish(REGISTER.to_owned(), node, BTreeMap::new(), &fields, None, broken);
        register.taken = taken;
        register.entry_kind = Some(kind.to_owned());
        register.fields = fields.clone().into();
        let ids: Vec<Value> = items
            .iter()
            .map(|item| item.get("id").and_then(Node::text).map_or_else(|| json!({}), |id| json!({ "id": id })))
            .collect();
        fields.insert("entries".to_owned(), Value::Array(ids));
        Self::check(&register, known, &Value::Object(fields), &mut parsed.problems);
        parsed.documents.push(register);
        for (index, item) in items.into_iter().enumerate() {
            self.entry(kind, index, item, broken, parsed);
        }
    }

    fn entry(&self, kind: &str, index: usize, node: Node, broken: bool, parsed: &mut Parsed) {
        let own = node.get("kind").and_then(Node::text).map(str::to_owned);
        if own.is_some() {
            self.unknown_kind(own.as_deref().unwrap_or_default(), &node, parsed);
        }
        let kind = own.unwrap_or_else(|| kind.to_owned());
        let known = self.kinds.get(&kind);
        let mut fields = self.fields(&node, &BTreeMap::new(), known);
        // What a folder gives as its default is not the entry's own.
        let taken = Taken { id: node.get("id").is_none(), title: false };
        fields.entry("id").or_insert_with(|| Value::String(format!("{}#{index}", without_extension(self.path))));
        fields.entry("kind").or_insert_with(|| Value::String(kind.clone()));
        let mut entry = self.finish(kind, node, BTreeMap::new(), &fields, None, broken);
        entry.pointer = format!("/entries/{index}");
        entry.register = Some(0);
        entry.taken = taken;
        parsed.documents.push(Self::checked(entry, fields, known, &mut parsed.problems));
    }

    /// The fields under attestry's names, taken as the kind says.
    pub(super) fn fields(
        &self,
        node: &Node,
        names: &BTreeMap<String, String>,
        kind: Option<&Kind>,
    ) -> Map<String, Value> {
        let shape = kind.map(|kind| &kind.compiled().shape);
        let take = |field: &str, node: &Node| {
            shape
                .and_then(|shape| shape.properties.get(field))
                .map_or_else(|| node.to_json(), |shape| shape.value(node))
        };
        let mut fields = Map::new();
        for entry in node.entries() {
            let canonical = names
                .iter()
                .find(|(_, user)| **user == entry.key)
                .map_or(entry.key.as_str(), |(field, _)| field.as_str());
            let mut value = take(canonical, &entry.node);
            self.map_value(canonical, &mut value, shape.map(AsRef::as_ref));
            let foreign = self.folder.is_some_and(|folder| folder.other_fields_allowed)
                && shape.is_some_and(|shape| !shape.properties.contains_key(canonical));
            // Somebody else's `status` under a mapped name must not shadow ours.
            let shadowed = canonical == entry.key && names.contains_key(canonical);
            if !value.is_null() && !foreign && !shadowed {
                fields.insert(canonical.to_owned(), value);
            }
        }
        for (field, default) in self.folder.into_iter().flat_map(|folder| &folder.defaults) {
            fields.entry(field.clone()).or_insert_with(|| take(field, default));
        }
        fields
    }

    /// The user's word for a value, in attestry's.
    fn map_value(&self, field: &str, value: &mut Value, shape: Option<&Shape>) {
        let Some(folder) = self.folder else { return };
        let is_day = shape.and_then(|shape| shape.properties.get(field)).is_some_and(|shape| shape.is_day);
        if let Some(day) = value.as_str().filter(|_| is_day).and_then(|text| in_iso_form(text, &folder.dates)) {
            *value = Value::String(day);
        }
        let Some(words) = folder.values.get(field) else { return };
        let word = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let Some(ours) = words.get(&word) {
            let shape = shape.and_then(|shape| shape.properties.get(field));
            *value = shape.map_or_else(|| Value::String(ours.clone()), |shape| shape.scalar(ours));
        }
    }

    /// Id from the path and title from the first heading, where the file does not say.
    fn complete(&self, fields: &mut Map<String, Value>, kind: Option<&Kind>, body: Option<&Body>) -> Taken {
        let id = !fields.contains_key("id");
        fields.entry("id").or_insert_with(|| Value::String(without_extension(self.path).to_owned()));
        let heading = body.and_then(|body| body.headings.first()).filter(|_| !fields.contains_key("title"));
        if let Some(heading) = heading {
            fields.insert("title".to_owned(), Value::String(heading.text.clone()));
        }
        if let Some(kind) = kind {
            fields.entry("kind").or_insert_with(|| Value::String(kind.name.clone()));
        }
        Taken { id, title: heading.is_some() }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a document, from two callers")]
    fn finish(
        &self,
        kind: String,
        node: Node,
        names: BTreeMap<String, String>,
        fields: &Map<String, Value>,
        body: Option<Body>,
        broken: bool,
    ) -> Document {
        let id = fields.get("id").and_then(Value::as_str).unwrap_or(self.path).to_owned();
        let id_name = names.get("id").map_or("id", String::as_str);
        let anchor = node
            .get(id_name)
            .map(|node| node.span.clone())
            .or_else(|| node.entries().first().map(|entry| entry.key_span.clone()))
            .or_else(|| {
                body.as_ref()
                    .and_then(|body| body.headings.first())
                    .map(|heading| heading.span.start..self.trimmed(&heading.span))
            })
            .unwrap_or_else(|| first_line(self.text));
        let mut document = Document {
            id,
            kind,
            stub: false,
            source: self.source,
            pointer: String::new(),
            fields: Fields::default(),
            body,
            register: None,
            entry_kind: None,
            broken,
            node: node.into(),
            taken: Taken::default(),
            substance: OnceLock::new(),
            names,
            anchor,
        };
        let in_text = document.body.as_ref().is_some_and(|body| !body.placeholders.is_empty());
        document.stub = in_text || !document.placeholders(self.text).is_empty();
        document
    }

    fn trimmed(&self, span: &Span) -> usize {
        span.start + self.text[span.clone()].trim_end().len()
    }

    /// The document with its fields, after they were held against its kind.
    fn checked(
        mut document: Document,
        fields: Map<String, Value>,
        kind: Option<&Kind>,
        problems: &mut Vec<Problem>,
    ) -> Document {
        // A schema looks at one value: a copy of each field would cost more than the check.
        let value = Value::Object(fields);
        Self::check(&document, kind, &value, problems);
        if let Value::Object(fields) = value {
            document.fields = fields.into();
        }
        document
    }

    /// What the document breaks of its kind's schema, and what practice expects of it. What is
    /// missing in a file that broke off proves nothing.
    fn check(document: &Document, kind: Option<&Kind>, value: &Value, problems: &mut Vec<Problem>) {
        let Some(kind) = kind else { return };
        for violation in kind.violations(value) {
            let place = match violation.nature {
                crate::kind::Fault::Unknown => document.key(&violation.pointer),
                crate::kind::Fault::Missing if document.broken => continue,
                _ => document.field(&violation.pointer),
            };
            let last = violation.pointer.rsplit('/').next().unwrap_or_default();
            let field = violation.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or(last);
            let top_level = violation.pointer.matches('/').count() == 1;
            let name = if top_level { document.name_of(field) } else { field };
            problems.push(Problem::of_violation(&violation, place, &document.id, name));
        }
        for (field, title, when) in kind.lacking(value).filter(|_| !document.broken) {
            let title = if title.is_empty() { String::new() } else { format!(" ({})", title.to_lowercase()) };
            let when = if when.is_empty() { String::new() } else { format!(" {when}") };
            let name = document.name_of(field);
            problems.push(Problem::new(
                Defect::MissingExpectedField,
                document.field(field),
                &document.id,
                format!("`{name}`{title} is expected{when}"),
                format!("add `{name}`"),
            ));
        }
    }

    pub(super) fn kind_of(&self, node: Option<&Node>) -> Option<String> {
        let own = node.and_then(|node| node.get("kind")).and_then(Node::text);
        own.map(str::to_owned)
            .or_else(|| self.folder.and_then(|folder| folder.kind.clone()))
            .or_else(|| self.kinds.by_folder(self.path).filter(|_| node.is_some()).map(|kind| kind.name.clone()))
    }

    fn unknown_kind(&self, kind: &str, node: &Node, parsed: &mut Parsed) {
        if self.kinds.get(kind).is_some() {
            return;
        }
        let span = node.get("kind").map_or_else(|| first_line(self.text), |node| node.span.clone());
        let mut place = self.place(span);
        place.pointer = "/kind".to_owned();
        let help = self.kinds.nearest(kind).map_or_else(
            || {
                "`attestry explain --kinds` lists the kinds; an own kind is a file `schema/kinds/KIND.schema.json`"
                    .to_owned()
            },
            |near| format!("did you mean `{near}`?"),
        );
        parsed.problems.push(Problem::new(
            Defect::UnknownKind,
            place,
            self.path,
            format!("there is no kind `{kind}`"),
            help,
        ));
    }

    fn defects(&self, defects: Vec<yaml::Defect>, parsed: &mut Parsed) {
        for defect in defects {
            let sort =
                if defect.nature == yaml::Nature::DuplicateKey { Defect::DuplicateKey } else { Defect::InvalidYaml };
            let mut problem = Problem::new(sort, self.place(defect.span), self.path, defect.message, defect.help);
            problem.discriminator.clone_from(&problem.message);
            problem.related = defect.related.map(|(span, note)| (self.place(span), note.to_owned()));
            parsed.problems.push(problem);
        }
    }

    pub(super) fn empty(&self) -> Node {
        Node { span: first_line(self.text), value: Yaml::Mapping(Vec::new()) }
    }

    fn place(&self, span: Span) -> Place {
        Place { source: self.source, span, pointer: String::new() }
    }
}

/// Removes the entries from a register's node; each belongs to its own document.
pub(super) fn take_entries(node: &mut Node) -> Vec<Node> {
    let Yaml::Mapping(fields) = &mut node.value else { return Vec::new() };
    let entries = fields.iter_mut().find(|entry| entry.key == "entries");
    match entries.map(|entry| &mut entry.node.value) {
        Some(Yaml::Sequence(items)) => std::mem::take(items),
        _ => Vec::new(),
    }
}

/// The path up to the first dot of the file's name.
pub(crate) fn without_extension(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    path[name..].find('.').filter(|dot| *dot > 0).map_or(path, |dot| &path[..name + dot])
}

fn first_line(text: &str) -> Span {
    0..text.find('\n').unwrap_or(text.len())
}
