//! Letters, digits and lower case by their ranges: the standard library's tables cost the page 6 KB.

/// The small letter of a capital one; everything else as it is.
#[must_use]
pub const fn lower(c: char) -> char {
    let code = c as u32;
    let small = match code {
        0x41..=0x5A | 0xC0..=0xD6 | 0xD8..=0xDE | 0x391..=0x3A1 | 0x3A3..=0x3AB | 0x410..=0x42F | 0xFF21..=0xFF3A => {
            code + 32
        }
        // Latin with marks, Cyrillic beyond Russian, Vietnamese: capital and small letter take turns.
        0x100..=0x12F
        | 0x132..=0x137
        | 0x14A..=0x177
        | 0x460..=0x481
        | 0x48A..=0x4BF
        | 0x4D0..=0x52F
        | 0x1E00..=0x1E95
        | 0x1EA0..=0x1EFF => code | 1,
        0x139..=0x148 | 0x179..=0x17E | 0x4C1..=0x4CE => code + (code & 1),
        0x130 => 0x69,
        0x178 => 0xFF,
        0x386 => 0x3AC,
        0x388..=0x38A => code + 37,
        0x38C => 0x3CC,
        0x38E..=0x38F => code + 63,
        0x400..=0x40F => code + 80,
        0x4C0 => 0x4CF,
        0x531..=0x556 => code + 48,
        _ => code,
    };
    match char::from_u32(small) {
        Some(small) => small,
        None => c,
    }
}

/// Whether it has a small letter.
#[must_use]
pub const fn is_capital(c: char) -> bool {
    lower(c) as u32 != c as u32
}

/// Whether it is a letter, or a mark that belongs to one, of any script. Beyond ASCII that is all but spaces,
/// punctuation, symbols, digits and pictures.
#[must_use]
pub const fn is_letter(c: char) -> bool {
    match c as u32 {
        0x41..=0x5A | 0x61..=0x7A | 0xAA | 0xB5 | 0xBA => true,
        0..=0xBF | 0xD7 | 0xF7 => false,
        // Marks of punctuation in Greek, Armenian, Hebrew, Arabic and Indic texts.
        0x37E
        | 0x387
        | 0x3F6
        | 0x482
        | 0x55A..=0x55F
        | 0x589..=0x58F
        | 0x5BE
        | 0x5C0
        | 0x5C3
        | 0x5C6
        | 0x5F3..=0x60F
        | 0x61B..=0x61F
        | 0x66A..=0x66D
        | 0x6D4
        | 0x964..=0x965
        | 0xE3F => false,
        // General punctuation, currencies, numbers, arrows, mathematics, boxes, pictures, braille.
        0x2000..=0x2070 | 0x2074..=0x207E | 0x2080..=0x208E | 0x20A0..=0x20CF | 0x2190..=0x2BFF | 0x2E00..=0x2E7F => {
            false
        }
        // Chinese and Japanese punctuation, wide forms, private use.
        0x3000..=0x3004
        | 0x3008..=0x3020
        | 0x3030
        | 0x303D..=0x303F
        | 0x30FB
        | 0xE000..=0xF8FF
        | 0xFE00..=0xFE6F
        | 0xFEFF..=0xFF20
        | 0xFF3B..=0xFF40
        | 0xFF5B..=0xFF65
        | 0xFFE0..=0xFFFF
        | 0x1F000..=0x1FAFF => false,
        _ => !is_digit(c),
    }
}

/// Whether it is a decimal digit of one of the scripts that are written most.
#[must_use]
pub const fn is_digit(c: char) -> bool {
    matches!(c as u32, 0x30..=0x39 | 0x660..=0x669 | 0x6F0..=0x6F9 | 0x966..=0x96F | 0x9E6..=0x9EF | 0xFF10..=0xFF19)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_agree_with_unicode_where_people_write() {
        let ranges = [
            0..=0x2C1,
            0x386..=0x481,
            0x48A..=0x590,
            0x5D0..=0x5F2,
            0x620..=0x64A,
            0x660..=0x66F,
            0x904..=0x93B,
            0x966..=0x96F,
            0xE01..=0xE30,
            0x10D0..=0x10F0,
            0x1E00..=0x1EFF,
            0x2010..=0x206F,
            0x20A0..=0x20C0,
            0x2190..=0x2400,
            0x2500..=0x2BFF,
            0x3001..=0x3004,
            0x3041..=0x3096,
            0x30A1..=0x30FA,
            0x4E00..=0x9FFF,
            0xAC00..=0xD7A3,
            0xFF01..=0xFF60,
            0x1F300..=0x1FAFF,
            0x20000..=0x20FFF,
        ];
        for c in ranges.into_iter().flatten().filter_map(char::from_u32) {
            // Unassigned places may be either.
            let assigned = c.is_alphabetic() || !format!("{c:?}").contains("\\u{");
            assert!(!assigned || is_letter(c) == c.is_alphabetic(), "{c} ({:x})", c as u32);
        }
        assert!(is_digit('7') && is_digit('٣') && !is_digit('½') && !is_digit('x'));
    }

    #[test]
    fn it_agrees_with_unicode_where_people_write() {
        let ranges = [
            0..=0x17F,
            0x386..=0x3CE,
            0x400..=0x556,
            0x1E00..=0x1E95,
            0x1EA0..=0x1EFF,
            0x3000..=0x9FFF,
            0xFF00..=0xFFFF,
        ];
        for c in ranges.into_iter().flatten().filter_map(char::from_u32) {
            // 'İ' becomes two letters in Unicode, of which we keep the first.
            let expected = c.to_lowercase().next().expect("a letter");
            assert_eq!(lower(c), expected, "{c} ({:x})", c as u32);
        }
        assert!(is_capital('Ä') && is_capital('Я') && !is_capital('ä') && !is_capital('漢') && !is_capital('1'));
    }
}
