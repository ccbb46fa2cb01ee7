//! CSV as RFC 4180 has it, for people who open it in a spreadsheet: what came from a repository
//! must not become a formula there.

/// A header and rows as CSV, lines ended by CR LF. Cells that a spreadsheet would take for a
/// formula get an apostrophe before them; plain numbers stay numbers.
pub fn rows(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(Vec::new());
    // A vector takes whatever is written, so nothing here can fail.
    let _ = writer.write_record(header.iter().map(|cell| neutral(cell)));
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| neutral(cell)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn neutral(cell: &str) -> String {
    // The wide forms of the signs count too: spreadsheets of East Asian locales read them as signs.
    const STARTS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(STARTS) && !is_number(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// Whether a cell is a sign, digits, and at most one point.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(cell: &str) -> String {
        rows(&["a"], std::iter::once(vec![cell.to_owned()]))
            .trim_start_matches("a\r\n")
            .trim_end_matches("\r\n")
            .to_owned()
    }

    #[test]
    fn formulas_become_text() {
        for cell in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1", "-"] {
            let written = one(cell);
            assert!(written.trim_start_matches('"').starts_with('\''), "{written}");
        }
        assert_eq!(one("\r=1"), "\"'\r=1\"");
    }

    #[test]
    fn numbers_and_words_stay() {
        for cell in ["-12.5", "+3", "0", "a=b", "8.6.1", "it's"] {
            assert_eq!(one(cell), cell);
        }
    }

    #[test]
    fn quotes_follow_rfc_4180() {
        assert_eq!(one("a,b"), "\"a,b\"");
        assert_eq!(one("say \"yes\""), "\"say \"\"yes\"\"\"");
        assert_eq!(one("two\nlines"), "\"two\nlines\"");
        assert_eq!(rows(&["a", "b"], [vec![String::new(), "x".to_owned()]].into_iter()), "a,b\r\n,x\r\n");
    }
}
