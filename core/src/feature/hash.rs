//! From names to 32-bit feature hashes, and from pairs of them to crosses.

/// FNV-1a over bytes (Fowler, Noll, Vo; RFC 9923), from an earlier state so that a prefix is hashed once.
#[must_use]
pub const fn fnv(mut state: u32, bytes: &[u8]) -> u32 {
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        state = (state ^ *byte as u32).wrapping_mul(0x0100_0193);
        rest = tail;
    }
    state
}

/// The start state of FNV-1a.
pub const START: u32 = 0x811C_9DC5;

/// The finaliser of MurmurHash3 (Appleby): FNV's low bits alone are poor, and slots are low bits.
#[must_use]
#[inline(always)] // five instructions
pub const fn finish(state: u32) -> u32 {
    let h = (state ^ (state >> 16)).wrapping_mul(0x85EB_CA6B);
    let h = (h ^ (h >> 13)).wrapping_mul(0xC2B2_AE35);
    h ^ (h >> 16)
}

/// What kind of feature a hash stands for; kinds never share a hash by construction of the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The constant of a surface.
    Constant = 1,
    /// `name=value`.
    Category = 2,
    /// The size of a number.
    Number = 3,
    /// A flag that is set.
    Flag = 4,
    /// A word of a text.
    Word = 5,
    /// Two words in a row.
    Pair = 6,
    /// Three letters in a row.
    Trigram = 7,
    /// The shapes of two words in a row.
    Shape = 8,
}

/// The state after a kind and a name, ready for a value.
#[must_use]
pub const fn name(kind: Kind, name: &str) -> u32 {
    // 0x1F, the unit separator, keeps `ab`+`c` apart from `a`+`bc`.
    fnv(fnv(fnv(START, &[kind as u8]), name.as_bytes()), &[0x1F])
}

/// The hash of `name=value`, or of a name alone when `value` is empty.
#[must_use]
pub const fn feature(kind: Kind, feature_name: &str, value: &str) -> u32 {
    finish(fnv(name(kind, feature_name), value.as_bytes()))
}

/// The hash of a context feature together with a candidate feature; the order matters.
#[must_use]
pub const fn cross(context: u32, candidate: u32) -> u32 {
    Cross::with(context).and(candidate)
}

/// A context feature, ready to be crossed with many.
#[derive(Clone, Copy, Debug)]
pub struct Cross(u32);

impl Cross {
    /// With this context feature.
    #[must_use]
    pub const fn with(context: u32) -> Self {
        Self(context.rotate_left(13).wrapping_mul(0x9E37_79B1))
    }

    /// Its hash together with this candidate feature.
    #[must_use]
    #[inline(always)] // five instructions
    pub const fn and(self, candidate: u32) -> u32 {
        finish(self.0 ^ candidate)
    }
}
