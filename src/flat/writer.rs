//! Writing what crosses.

use super::kind;

/// A value that is being written: objects and lists are opened, filled and ended.
#[derive(Default)]
pub struct Writer {
    text: String,
    shape: Vec<f64>,
    /// Where the counts of the open objects and lists stand.
    open: Vec<usize>,
}

impl Writer {
    /// The string and the numbers.
    pub fn finish(self) -> (String, Vec<f64>) {
        (self.text, self.shape)
    }

    #[inline(never)] // everything is written by it
    fn push(&mut self, kind: u8) {
        self.shape.push(f64::from(kind));
    }

    #[allow(clippy::cast_precision_loss)] // lengths
    fn string(&mut self, string: &str) {
        let units = if string.is_ascii() { string.len() } else { string.encode_utf16().count() };
        self.shape.push(units as f64);
        self.text.push_str(string);
    }

    fn begin(&mut self, kind: u8) {
        self.push(kind);
        self.open.push(self.shape.len());
        self.shape.push(0.0);
    }

    fn counted(&mut self) {
        if let Some(count) = self.open.last().and_then(|place| self.shape.get_mut(*place)) {
            *count += 1.0;
        }
    }

    /// Opens an object.
    pub fn object(&mut self) {
        self.begin(kind::OBJECT);
    }

    /// The name of what follows in an object.
    pub fn key(&mut self, name: &str) -> &mut Self {
        self.counted();
        self.string(name);
        self
    }

    /// Ends an object or a list.
    pub fn end(&mut self) {
        self.open.pop();
    }

    /// A list, each item written by `write`.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.begin(kind::LIST);
        for item in items {
            self.counted();
            write(self, item);
        }
        self.end();
    }

    /// `null`.
    pub fn nothing(&mut self) {
        self.push(kind::NOTHING);
    }

    /// A string.
    pub fn text(&mut self, text: &str) {
        self.push(kind::TEXT);
        self.string(text);
    }

    /// A number.
    pub fn number(&mut self, number: f64) {
        self.push(kind::NUMBER);
        self.shape.push(number);
    }

    /// A count, a time, a version: exact up to 2⁵³.
    #[allow(clippy::cast_precision_loss)]
    pub fn whole(&mut self, number: u64) {
        self.number(number as f64);
    }

    /// `true` or `false`.
    pub fn flag(&mut self, flag: bool) {
        self.push(if flag { kind::YES } else { kind::NO });
    }

    /// What went wrong, instead of a value: code and sentence.
    pub fn error(&mut self, error: &flywheel_core::error::Error) {
        self.push(kind::ERROR);
        self.string(error.code.as_str());
        self.string(&error.detail);
    }

    /// An id.
    pub fn id(&mut self, id: &flywheel_core::id::Id) {
        self.text(&id.text());
    }
}
