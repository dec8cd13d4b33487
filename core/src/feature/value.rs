//! What an app hands in: plain objects of names and values.

use super::limits;
use crate::error::{Code, Error, Result};
use crate::str::Str;
use core::fmt;
use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One value of an [`Object`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A category when it is short, a text when it is over 64 characters or six words.
    Text(Str),
    /// A measure of any scale: it enters the model as the knots that it lies between.
    Number(f64),
    /// `true` says that the feature is present; `false` is the same as leaving it out.
    Flag(bool),
    /// Each item as if it stood alone under the same name.
    List(Vec<Self>),
    /// `null` or `undefined`: the same as leaving it out.
    Nothing,
    /// An object where a plain value was expected; [`Object::check`] refuses it.
    Nested,
}

/// Names and values in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(pub Vec<(Str, Value)>);

/// Whether a string is words of a person rather than a name or a category, wherever it stands.
#[must_use]
pub fn is_text(string: &str) -> bool {
    // Seven words take 13 bytes at least; nearly all names and categories end here.
    if string.len() <= 2 * limits::NAME_WORDS {
        return false;
    }
    // It stops early, so that a long text costs no more than a short one.
    let (mut characters, mut half_words, mut inside) = (0, 0, false);
    for c in string.chars() {
        characters += 1;
        if c.is_whitespace() {
            inside = false;
        } else if is_unspaced(c) {
            half_words += 1;
            inside = false;
        } else if !inside {
            half_words += 2;
            inside = true;
        }
        if characters > limits::NAME_CHARS || half_words > 2 * limits::NAME_WORDS {
            return true;
        }
    }
    false
}

/// Whether a character belongs to a script that is written without spaces (Thai, Lao, Myanmar, Khmer, kana, Han, and
/// their punctuation): about two of them make a word.
pub(crate) const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3000}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// How many values these are: a list as many as it has items.
pub(crate) fn count(values: &[(Str, Value)]) -> usize {
    values.iter().map(|(_, value)| value.count()).sum()
}

/// Checks an id, a surface, a feature name or a reason.
///
/// # Errors
/// [`Code::InvalidName`] if it is empty or would count as text; [`Code::ReservedKey`] if JavaScript gives it a meaning.
pub fn check_name(what: &str, name: &str) -> Result<()> {
    if name.is_empty() || is_text(name) {
        return Err(Error::new(
            Code::InvalidName,
            [what, " must have 1 to 64 characters and at most 6 words"].concat(),
        ));
    }
    if matches!(name, "__proto__" | "constructor" | "prototype") {
        return Err(Error::new(Code::ReservedKey, [what, " must not be named `", name, "`"].concat()));
    }
    Ok(())
}

/// Checks the length of a text.
///
/// # Errors
/// [`Code::TextTooLong`] above [`limits::TEXT_BYTES`].
pub fn check_text(what: &str, text: &str) -> Result<()> {
    if text.len() > limits::TEXT_BYTES {
        return Err(Error::new(Code::TextTooLong, [what, " has more than 65536 bytes"].concat()));
    }
    Ok(())
}

impl Object {
    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks names, numbers, depth and size.
    ///
    /// # Errors
    /// [`Code::ReservedKey`], [`Code::InvalidName`], [`Code::NotFinite`], [`Code::NestedValue`],
    /// [`Code::TextTooLong`], [`Code::TooManyFeatures`].
    pub fn check(&self) -> Result<()> {
        let mut count = 0;
        for (name, value) in &self.0 {
            check_name("a feature", name)?;
            count += value.check(name, true)?;
            if count > limits::FEATURES {
                return Err(Error::new(Code::TooManyFeatures, "an object holds more than 512 values"));
            }
        }
        Ok(())
    }
}

impl Value {
    /// How many values it counts as: a list as many as it has items.
    #[must_use]
    pub const fn count(&self) -> usize {
        match self {
            Self::List(items) => items.len(),
            _ => 1,
        }
    }

    fn check(&self, name: &str, may_be_list: bool) -> Result<usize> {
        match self {
            Self::Text(text) => check_text(name, text).map(|()| 1),
            Self::Number(number) if !number.is_finite() => {
                Err(Error::new(Code::NotFinite, ["`", name, "` is not a finite number"].concat()))
            }
            Self::List(items) if may_be_list => {
                let mut count = items.len();
                if count <= limits::FEATURES {
                    count = 0;
                    for item in items {
                        count += item.check(name, false)?;
                    }
                }
                Ok(count)
            }
            Self::List(_) | Self::Nested => Err(Error::new(
                Code::NestedValue,
                ["`", name, "` holds an object or a list inside a list; flatten it"].concat(),
            )),
            Self::Number(_) | Self::Flag(_) | Self::Nothing => Ok(1),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plain object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> core::result::Result<Object, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    // One more than the limit is enough to be refused; the rest is read and not kept.
                    if entries.len() <= limits::FEATURES {
                        entries.push(entry);
                    }
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Nothing | Self::Nested => serializer.serialize_unit(),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Leaf { depth: 0 })
    }
}

/// Reads a value; below one list nothing may nest, so hostile depth costs no stack.
struct Leaf {
    depth: u8,
}

impl<'de> de::DeserializeSeed<'de> for Leaf {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> core::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for Leaf {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number, a boolean or a list of them")
    }
    fn visit_bool<E: de::Error>(self, flag: bool) -> core::result::Result<Value, E> {
        Ok(Value::Flag(flag))
    }
    #[allow(clippy::cast_precision_loss)] // JSON numbers are doubles to JavaScript anyway
    fn visit_i64<E: de::Error>(self, number: i64) -> core::result::Result<Value, E> {
        Ok(Value::Number(number as f64))
    }
    #[allow(clippy::cast_precision_loss)]
    fn visit_u64<E: de::Error>(self, number: u64) -> core::result::Result<Value, E> {
        Ok(Value::Number(number as f64))
    }
    fn visit_f64<E: de::Error>(self, number: f64) -> core::result::Result<Value, E> {
        Ok(Value::Number(number))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> core::result::Result<Value, E> {
        Ok(Value::Text(text.into()))
    }
    fn visit_string<E: de::Error>(self, text: String) -> core::result::Result<Value, E> {
        Ok(Value::Text(text.into()))
    }
    fn visit_unit<E: de::Error>(self) -> core::result::Result<Value, E> {
        Ok(Value::Nothing)
    }
    fn visit_none<E: de::Error>(self) -> core::result::Result<Value, E> {
        Ok(Value::Nothing)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> core::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> core::result::Result<Value, A::Error> {
        if self.depth > 0 {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Nested);
        }
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Leaf { depth: 1 })? {
            if items.len() <= limits::FEATURES {
                items.push(item);
            }
        }
        Ok(Value::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> core::result::Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }
}
