//! A walk and the tree at its tip as bytes, for the cache: the next one passes only what came since.

use super::{
    AtTip,
    walk::{Paths, Walked},
};
use crate::{
    cache::{Reader, Writer},
    history::{Changed, Commit, How, Moment, ObjectId, Person, Touched, Trailer},
};
use std::{collections::BTreeMap, sync::Arc};

impl Walked {
    /// The walk as bytes. Contents that were missing may be there the next time: such a walk is
    /// not kept.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        if self.missing > 0 || self.commits.is_empty() {
            return None;
        }
        let mut writer = Writer::default();
        let mut persons = Persons::default();
        let numbers: Vec<[usize; 2]> = self
            .commits
            .iter()
            .map(|commit| [&commit.author, &commit.committer].map(|person| persons.number(person)))
            .collect();
        writer.list(&persons.list, |writer, person| write_person(writer, person));
        writer.list(&self.paths.names, |writer, name| writer.bytes(name));
        writer.length(self.commits.len());
        for ((commit, touched), numbers) in self.commits.iter().zip(&self.touched).zip(numbers) {
            write_commit(&mut writer, commit, numbers);
            writer.list(&touched.changes, write_change);
        }
        Some(writer.into_bytes())
    }

    /// The walk that these bytes are; none where they are none. The places of parents are left to
    /// whoever brings the commits into order.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(bytes);
        let persons = reader.list(|reader| read_person(reader).map(Arc::new))?;
        let paths = Paths::of(reader.list(|reader| reader.bytes().map(<[u8]>::to_vec))?)?;
        let count = reader.length()?;
        let mut walked = Self { paths, ..Self::default() };
        // Each has an id and ten bytes more: a wrong count takes no more than a right one.
        let room = count.min(reader.length_left() / 30);
        walked.commits.reserve_exact(room);
        walked.touched.reserve_exact(room);
        for _ in 0..count {
            walked.commits.push(read_commit(reader, &persons)?);
            let changes = reader.list(|reader| read_change(reader, walked.paths.names.len()))?;
            walked.touched.push(Touched { parents: Vec::new(), changes });
        }
        reader.is_done().then_some(walked)
    }
}

impl AtTip {
    /// What the tree of the tip says, as bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Self { tip, root, files, mailmap, ignored } = self;
        let mut writer = Writer::default();
        writer.raw(&tip.0);
        writer.raw(&root.0);
        writer.list(files, |writer, path| writer.bytes(path));
        writer.text(mailmap);
        writer.list(&ignored.iter().collect::<Vec<_>>(), |writer, id| writer.raw(&id.0));
        writer.into_bytes()
    }

    /// What these bytes are; none where they are no such thing.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let reader = &mut Reader::new(bytes);
        let at_tip = Self {
            tip: read_id(reader)?,
            root: read_id(reader)?,
            files: reader.list(|reader| reader.bytes().map(<[u8]>::to_vec))?,
            mailmap: reader.owned()?,
            ignored: reader.list(read_id)?.into_iter().collect(),
        };
        reader.is_done().then_some(at_tip)
    }
}

/// Persons and their numbers: a few write nearly all commits.
#[derive(Default)]
struct Persons<'c> {
    list: Vec<&'c Person>,
    numbers: BTreeMap<&'c Person, usize>,
}

impl<'c> Persons<'c> {
    fn number(&mut self, person: &'c Person) -> usize {
        let next = self.list.len();
        let number = *self.numbers.entry(person).or_insert(next);
        if number == next {
            self.list.push(person);
        }
        number
    }
}

fn write_person(writer: &mut Writer, person: &Person) {
    writer.text(&person.name);
    writer.text(&person.email);
}

fn read_person(reader: &mut Reader<'_>) -> Option<Person> {
    Some(Person { name: reader.text()?.into(), email: reader.text()?.into() })
}

fn write_moment(writer: &mut Writer, moment: Moment) {
    writer.signed(moment.seconds);
    writer.signed(i64::from(moment.offset));
}

fn read_moment(reader: &mut Reader<'_>) -> Option<Moment> {
    Some(Moment { seconds: reader.signed()?, offset: reader.signed()?.try_into().ok()? })
}

fn read_id(reader: &mut Reader<'_>) -> Option<ObjectId> {
    reader.array().map(ObjectId)
}

fn write_commit(writer: &mut Writer, commit: &Commit, [author, committer]: [usize; 2]) {
    // What the whole history or its tip says of a commit is not part of it.
    let Commit { id, author: _, co_authors, committer: _, authored, committed, .. } = commit;
    let Commit { summary, trailers, parents, signed, merged_by: _, ignored: _, .. } = commit;
    writer.raw(&id.0);
    writer.length(author);
    writer.length(committer);
    writer.list(co_authors, write_person);
    writer.option(*authored, write_moment);
    writer.option(*committed, write_moment);
    writer.text(summary);
    writer.list(trailers, |writer, trailer| {
        writer.text(&trailer.key);
        writer.text(&trailer.value);
    });
    writer.list(parents, |writer, parent| writer.raw(&parent.0));
    writer.flag(*signed);
}

fn read_commit(reader: &mut Reader<'_>, persons: &[Arc<Person>]) -> Option<Commit> {
    Some(Commit {
        id: read_id(reader)?,
        author: persons.get(reader.length()?)?.clone(),
        committer: persons.get(reader.length()?)?.clone(),
        co_authors: reader.list(read_person)?,
        authored: reader.option(read_moment)?,
        committed: reader.option(read_moment)?,
        summary: reader.text()?.into(),
        trailers: reader.list(|reader| Some(Trailer { key: reader.owned()?, value: reader.owned()? }))?,
        parents: reader.list(read_id)?,
        signed: reader.flag()?,
        merged_by: None,
        ignored: false,
    })
}

fn write_change(writer: &mut Writer, change: &Changed) {
    let Changed { path, how, from, blob } = change;
    writer.number(u64::from(*path));
    writer.number(match how {
        None => 0,
        Some(How::Added) => 1,
        Some(How::Modified) => 2,
        Some(How::ModeChanged) => 3,
        Some(How::Deleted) => 4,
        Some(How::RenamedAway) => 5,
        // Where from, behind the numbers of the others.
        Some(How::RenamedFrom(path)) => 6 + u64::from(*path),
    });
    writer.list(from, |writer, (parent, path)| {
        writer.number(u64::from(*parent));
        writer.number(u64::from(*path));
    });
    writer.option(*blob, |writer, blob| writer.raw(&blob.0));
}

fn read_change(reader: &mut Reader<'_>, paths: usize) -> Option<Changed> {
    let known = |path: u32| ((path as usize) < paths).then_some(path);
    Some(Changed {
        path: known(reader.small()?)?,
        how: match reader.number()? {
            0 => None,
            1 => Some(How::Added),
            2 => Some(How::Modified),
            3 => Some(How::ModeChanged),
            4 => Some(How::Deleted),
            5 => Some(How::RenamedAway),
            from => Some(How::RenamedFrom(known(u32::try_from(from - 6).ok()?)?)),
        },
        from: reader.list(|reader| Some((reader.small()?, known(reader.small()?)?)))?,
        blob: reader.option(read_id)?,
    })
}
