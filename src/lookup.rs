//! A table to look things up in. It has no order, and so gives none away: what depends on an order
//! asks for it sorted.

#![expect(
    clippy::disallowed_types,
    reason = "the one place where it is hidden that a hash table has no order of its own"
)]

use foldhash::fast::RandomState;
use std::{borrow::Borrow, collections::HashMap, fmt, hash::Hash};

/// Values by key: quicker to find than in an ordered map where there are many. The hash is seeded anew
/// by each run, so that a repository can hardly be written whose keys collide.
#[derive(Clone, PartialEq, Eq)]
pub struct Lookup<K: Hash + Eq, V>(HashMap<K, V, RandomState>);

impl<K: Hash + Eq, V> Lookup<K, V> {
    /// An empty table with room for so many keys.
    pub fn with_room_for(keys: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(keys, RandomState::default()))
    }

    /// The value of a key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// The value of a key, which is made where there is none.
    pub fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.0.entry(key).or_default()
    }

    /// All keys and values, by key.
    pub fn sorted(&self) -> Vec<(&K, &V)>
    where
        K: Ord,
    {
        let mut all: Vec<(&K, &V)> = self.0.iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all
    }
}

impl<K: Hash + Eq, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Hash + Eq, V> FromIterator<(K, V)> for Lookup<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<K: Hash + Ord + fmt::Debug, V: fmt::Debug> fmt::Debug for Lookup<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.sorted()).finish()
    }
}
