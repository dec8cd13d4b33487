//! Lower case in the scripts that have cases, by their ranges: the standard library's tables cost the page 4 KB.

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

#[cfg(test)]
mod tests {
    use super::*;

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
