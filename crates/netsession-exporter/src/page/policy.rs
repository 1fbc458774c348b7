/// What the page may do: its own style and script alone, by their hashes (Content Security Policy 3, 2.3.1), whatever a
/// name of a server contains. No other page may show it in a frame.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; \
    style-src 'sha256-1DSsr/NbLQCtQ3eUbol4uEPnL1b/cJiI9THJETgJQfg='; \
    script-src 'sha256-c17ILc3y6AyZX3cLiOWpr3hpPdkR3CuY9iBNU+Q/2DE='; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::page::{SCRIPT, STYLE};

    /// A changed file has another hash, which is to be copied from the message.
    #[test]
    fn policy_has_the_hashes_of_style_and_script() {
        for (directive, text) in [("style-src", STYLE), ("script-src", SCRIPT)] {
            let source = format!("{directive} 'sha256-{}';", base64(&Sha256::digest(text)));
            assert!(CONTENT_SECURITY_POLICY.contains(&source), "it is {source}");
            assert!(!text.contains("</s"), "it would end there");
        }
    }

    fn base64(bytes: &[u8]) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let encoded = bytes.chunks(3).flat_map(|chunk| {
            let byte = |index: usize| usize::from(chunk.get(index).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            (0..4).map(move |place| match place <= chunk.len() {
                true => char::from(ALPHABET[bits >> (18 - 6 * place) & 63]),
                false => '=',
            })
        });
        encoded.collect()
    }
}
