//! Reading a record out of a tree.

use super::Tree;
use core::cell::Cell;
use flywheel_core::feature::Str;
use flywheel_core::id::Id;

/// The fields of a record. What is missing or of another type reads as nothing, and the record as a whole is then none:
/// to look once at the end costs a third of the code that leaving at every field does.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    tree: &'a Tree,
    torn: &'a Cell<bool>,
}

impl<'a> Fields<'a> {
    /// Reads a record; `None` if anything in it could not be read.
    pub fn read<T>(tree: &Tree, read: impl FnOnce(Fields<'_>) -> T) -> Option<T> {
        let torn = Cell::new(false);
        let record = read(Fields { tree, torn: &torn });
        if torn.get() { None } else { Some(record) }
    }

    /// What cannot be read.
    #[cold]
    pub fn torn<T: Default>(self) -> T {
        self.torn.set(true);
        T::default()
    }

    /// A value that may turn out to be none.
    pub fn sound<T: Default>(self, value: Option<T>) -> T {
        value.unwrap_or_else(|| self.torn())
    }

    /// The value itself.
    pub const fn tree(self) -> &'a Tree {
        self.tree
    }

    /// A field.
    #[inline(never)]
    pub fn at(self, name: &str) -> Self {
        Self { tree: self.tree.get(name), ..self }
    }

    /// A field that may be left out or `null`.
    pub fn maybe(self, name: &str) -> Option<Self> {
        Some(self.at(name)).filter(|field| !matches!(field.tree, Tree::Nothing))
    }

    /// A string.
    #[inline(never)]
    pub fn str(self, name: &str) -> &'a str {
        self.sound(self.tree.get(name).as_str())
    }

    /// A string, shared.
    #[inline(never)]
    pub fn shared(self, name: &str) -> Str {
        self.sound(self.tree.get(name).shared())
    }

    /// A string that may be left out.
    #[inline(never)]
    pub fn text(self, name: &str) -> Option<String> {
        self.maybe(name).map(|field| field.sound(field.tree.text()))
    }

    /// A number.
    #[inline(never)]
    pub fn number(self, name: &str) -> f64 {
        self.sound(self.tree.get(name).number())
    }

    /// A whole number from 0 that a double holds exactly.
    #[inline(never)]
    pub fn whole(self, name: &str) -> u64 {
        self.sound(self.tree.get(name).whole())
    }

    /// A whole number from 0 of 32 bits.
    pub fn small(self, name: &str) -> u32 {
        self.sound(u32::try_from(self.whole(name)).ok())
    }

    /// `true` or `false`.
    pub fn flag(self, name: &str) -> bool {
        self.sound(self.tree.get(name).flag())
    }

    /// An id.
    #[inline(never)]
    pub fn id(self, name: &str) -> Id {
        self.tree.get(name).id().unwrap_or_else(|| {
            self.torn::<()>();
            Id::new(0, [0; 2])
        })
    }

    /// Each item of a field that is a list.
    pub fn each<T>(self, name: &str, read: impl Fn(Self) -> T) -> Vec<T> {
        self.at(name).all(read)
    }

    /// Each item of what is a list.
    pub fn all<T>(self, read: impl Fn(Self) -> T) -> Vec<T> {
        let mut all = Vec::new();
        for tree in self.sound(self.tree.items()) {
            all.push(read(Self { tree, ..self }));
        }
        all
    }
}
