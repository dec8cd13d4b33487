//! The time.

/// Milliseconds since 1970.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date in this era
pub fn now() -> u64 {
    js_sys::Date::now() as u64
}
