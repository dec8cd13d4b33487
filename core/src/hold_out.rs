//! Who is held out: a share of people, by hash, who get the app's own order, so that what learning brings can be told
//! from what would have happened anyway.

use crate::rng::mix64;

/// A person's place in [0, 1), from the device secret in hexadecimal. The same on the page and on the server; it tells
/// nothing about the secret that could be sent back.
#[must_use]
#[allow(clippy::cast_precision_loss)] // 53 bits fit
pub fn place(secret: &str) -> f64 {
    let mixed =
        secret.bytes().fold(0x484F_4C44_4F55_5431, |hash, byte| mix64(hash ^ u64::from(byte.to_ascii_lowercase())));
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}

/// Whether a person is among the share that is held out, 0 for nobody to 1 for all. Who is held out under a share is
/// also held out under every larger one.
#[must_use]
pub fn is_held_out(secret: &str, share: f64) -> bool {
    place(secret) < share
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn the_share_is_met_and_a_larger_one_only_adds_people() {
        let mut rng = Rng::new(11);
        let secrets: Vec<String> =
            (0..20_000).map(|_| format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64())).collect();
        let held = |share: f64| secrets.iter().filter(|secret| is_held_out(secret, share)).count();
        assert_eq!((held(0.0), held(1.0)), (0, 20_000));
        // Four standard errors of 20,000 at 5 % are 123.
        assert!(held(0.05).abs_diff(1_000) < 123, "{}", held(0.05));
        assert!(secrets.iter().all(|secret| !is_held_out(secret, 0.05) || is_held_out(secret, 0.06)));
    }

    #[test]
    fn neighbours_and_capitals_fall_where_they_must() {
        let (low, high) = ("000102030405060708090a0b0c0d0e0f", "000102030405060708090A0B0C0D0E0F");
        assert_eq!(place(low).to_bits(), place(high).to_bits());
        assert!((place(low) - place("000102030405060708090a0b0c0d0e10")).abs() > 1e-6);
        assert_eq!(place(low).to_bits(), GOLDEN, "it must never move: people would change sides");
    }

    const GOLDEN: u64 = 4_604_175_039_138_882_553;
}
