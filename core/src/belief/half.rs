//! IEEE 754 half precision, for the means on the wire. Whole-number code, so that every machine rounds alike.

/// The nearest half to `value` (ties to even), as bits; beyond ±65504 it is ±65504, NaN is 0.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn from_f64(value: f64) -> u16 {
    if value.is_nan() {
        return 0;
    }
    let sign = if value.is_sign_negative() { 0x8000 } else { 0 };
    let size = value.abs().min(65_504.0);
    // Below 2⁻¹⁴ halves are spaced 2⁻²⁴ apart; above, by 2^(exponent − 10).
    let exponent = if size < 6.103_515_625e-5 { -14 } else { ((size.to_bits() >> 52) as i32) - 1023 };
    let unit = two_to(exponent - 10);
    let steps = size / unit; // exact: a power of two
    let whole = steps as u32;
    let rest = steps - f64::from(whole);
    let up = rest > 0.5 || (rest == 0.5 && whole % 2 == 1);
    let mantissa = whole + u32::from(up);
    // A mantissa that reaches 2048 carries into the exponent by itself.
    let bits = if size < 6.103_515_625e-5 { mantissa } else { (((exponent + 14) as u32) << 10) + mantissa };
    (bits.min(0x7BFF) as u16) | sign
}

/// The value of a half; infinities and NaN, which are never written, read as 0.
#[must_use]
pub fn to_f64(bits: u16) -> f64 {
    let exponent = i32::from((bits >> 10) & 0x1F);
    let mantissa = f64::from(bits & 0x3FF);
    let size = match exponent {
        0 => mantissa * two_to(-24),
        31 => 0.0,
        _ => (1024.0 + mantissa) * two_to(exponent - 25),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

#[allow(clippy::cast_sign_loss)]
const fn two_to(power: i32) -> f64 {
    f64::from_bits(((power + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_half_reads_back_as_itself() {
        for bits in 0..=u16::MAX {
            if (bits >> 10) & 0x1F != 31 {
                assert_eq!(from_f64(to_f64(bits)), bits, "{bits:04x}");
            }
        }
    }

    #[test]
    fn known_values() {
        for (value, bits) in [(1.0, 0x3C00), (-2.0, 0xC000), (0.1, 0x2E66), (65_504.0, 0x7BFF), (1e9, 0x7BFF), (0.0, 0)]
        {
            assert_eq!(from_f64(value), bits, "{value}");
        }
        assert_eq!(from_f64(f64::NAN), 0);
        assert_eq!(from_f64(1.0 / f64::from(1 << 25)), 0); // a tie, to even
    }
}
