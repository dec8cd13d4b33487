//! How much a caller may hand in; beyond it is an error, never a slow call.

// The messages name these numbers; putting numbers into words at run time costs the page a kilobyte.
const _: () =
    assert!(CANDIDATES == 1_000 && FEATURES == 512 && TEXT_BYTES == 65_536 && NAME_CHARS == 64 && NAME_WORDS == 6);

/// Most candidates of one decision.
pub const CANDIDATES: usize = 1_000;
/// Most values in one object, list items counted one by one.
pub const FEATURES: usize = 512;
/// Longest text, in bytes of UTF-8.
pub const TEXT_BYTES: usize = 65_536;
/// Longest id, feature name, surface or reason, in characters; longer strings are text.
pub const NAME_CHARS: usize = 64;
/// Most words of an id, feature name, surface or reason; more are text.
pub const NAME_WORDS: usize = 6;
/// Most features of words (single ones and pairs) and of letters, of either kind, that are taken from one text; of
/// all texts of an object together, twice as many.
pub const GRAMS: usize = 2_000;
/// Most context × candidate pairs that are crossed for one candidate.
pub const CROSSES: usize = 1_024;
/// Largest absolute value that a feature has inside the model.
pub const VALUE: f64 = 8.0;
