//! Any plain value, read whole: records, replies, options, requests.

use super::kind;
use super::reader::{Reader, misshapen};
use flywheel_core::error::Result;
use flywheel_core::feature::Str;
use flywheel_core::id::Id;

/// Deeper than anything that is stored or sent; js/flat.ts stops there too.
const DEPTH: u8 = 16;

/// A plain value. Whatever is not of the type that is asked for is `None`.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null` or `undefined`.
    Nothing,
    /// What is no plain value, or too deep.
    Odd,
    /// A string.
    Text(Str),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A list.
    List(Vec<Self>),
    /// Names and values, in their order.
    Object(Vec<(Str, Self)>),
}

impl Tree {
    /// Reads a value.
    ///
    /// # Errors
    /// If the two do not belong together, or it is too deep.
    pub fn read(text: &str, shape: &[f64]) -> Result<Self> {
        let mut reader = Reader::new(text, shape);
        let tree = Self::value(&mut reader, DEPTH)?;
        reader.end()?;
        Ok(tree)
    }

    fn value(reader: &mut Reader<'_>, depth: u8) -> Result<Self> {
        let deeper = depth.checked_sub(1).ok_or_else(misshapen)?;
        Ok(match reader.kind()? {
            kind::NOTHING => Self::Nothing,
            kind::ODD => Self::Odd,
            kind::TEXT => Self::Text(reader.string()?.into()),
            kind::NUMBER => Self::Number(reader.number()?),
            kind::YES => Self::Flag(true),
            kind::NO => Self::Flag(false),
            kind::LIST => {
                let count = reader.count()?;
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(Self::value(reader, deeper)?);
                }
                Self::List(items)
            }
            kind::OBJECT => {
                let count = reader.count()?;
                let mut pairs = Vec::new();
                for _ in 0..count {
                    pairs.push((reader.string()?.into(), Self::value(reader, deeper)?));
                }
                Self::Object(pairs)
            }
            _ => return Err(misshapen()),
        })
    }

    /// A field of an object; nothing if it is not there.
    pub fn get(&self, name: &str) -> &Self {
        match self {
            Self::Object(pairs) => {
                pairs.iter().find(|(key, _)| *key == *name).map_or(&Self::Nothing, |(_, value)| value)
            }
            _ => &Self::Nothing,
        }
    }

    /// A field that may be left out or `null`, read by `read`; `None` only if it is there and cannot be read.
    pub fn optional<T>(&self, name: &str, read: impl FnOnce(&Self) -> Option<T>) -> Option<Option<T>> {
        match self.get(name) {
            Self::Nothing => Some(None),
            value => read(value).map(Some),
        }
    }

    /// A string, borrowed.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A string.
    pub fn text(&self) -> Option<String> {
        self.as_str().map(Into::into)
    }

    /// A string, shared.
    pub fn shared(&self) -> Option<Str> {
        if let Self::Text(text) = self { Some(text.clone()) } else { None }
    }

    /// A number.
    pub const fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// A whole number from 0 that a double holds exactly.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked
    pub fn whole(&self) -> Option<u64> {
        self.number().filter(|n| (0.0..=9_007_199_254_740_991.0).contains(n) && n.trunc() == *n).map(|n| n as u64)
    }

    /// A whole number from 0 of 32 bits.
    pub fn small(&self) -> Option<u32> {
        u32::try_from(self.whole()?).ok()
    }

    /// `true` or `false`.
    pub const fn flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    /// An id.
    pub fn id(&self) -> Option<Id> {
        Id::parse(self.as_str()?).ok()
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// Each item of a list, read.
    pub fn each<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        let items = self.items()?;
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            all.push(read(item)?);
        }
        Some(all)
    }
}
