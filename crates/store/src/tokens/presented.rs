//! The form in which a token is shown and presented: `rce_` + id + `_` + 256 random bits + checksum.
//! The prefix lets scanners for secrets find it; the checksum tells a mistyped one without a query.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::TokenKind;
use crate::error::Result;
use crate::ids;

const SECRET_CHARACTERS: usize = 43;
const CHECKSUM_BYTES: usize = 4;
const CHECKSUM_CHARACTERS: usize = 6;

/// A token that has the right form; whether it is known is another question.
pub struct Presented {
    pub kind: TokenKind,
    pub id: String,
    /// SHA-256 of the whole text: what is stored.
    pub digest: Vec<u8>,
}

/// A new token for an id.
pub fn make(kind: TokenKind, id: &str) -> Result<String> {
    let secret = Zeroizing::new(ids::random::<32>()?);
    let mut text = format!("{}{}_{}", kind.prefix(), id.replace('-', ""), URL_SAFE_NO_PAD.encode(*secret));
    let checksum = checksum(&text);
    text.push_str(&checksum);
    Ok(text)
}

pub fn parse(text: &str) -> Option<Presented> {
    let kind = TokenKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))?;
    let (id, secret) = text.get(kind.prefix().len()..)?.split_once('_')?;
    if id.len() != 32 || secret.len() != SECRET_CHARACTERS + CHECKSUM_CHARACTERS || !secret.is_ascii() {
        return None;
    }
    let (body, sum) = text.split_at_checked(text.len() - CHECKSUM_CHARACTERS)?;
    if checksum(body) != sum {
        return None;
    }
    let id = Uuid::try_parse(id).ok()?.to_string();
    Some(Presented { kind, id, digest: digest_of(text) })
}

pub fn digest_of(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

fn checksum(body: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest_of(body).get(..CHECKSUM_BYTES).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018bcfe5-6800-7000-8000-000000000001";

    #[test]
    fn a_token_tells_its_kind_and_id() {
        for kind in TokenKind::ALL {
            let text = make(kind, ID).unwrap();
            assert_eq!(text.len(), 4 + 32 + 1 + 43 + 6);
            let presented = parse(&text).unwrap();
            assert_eq!((presented.kind, presented.id.as_str()), (kind, ID));
            assert_eq!(presented.digest, digest_of(&text));
        }
        assert_ne!(make(TokenKind::Link, ID).unwrap(), make(TokenKind::Link, ID).unwrap());
    }

    #[test]
    fn a_mistyped_token_is_none() {
        let text = make(TokenKind::Environment, ID).unwrap();
        for at in 0..text.len() {
            for other in ["A", "b", "7", "_", "-", "é", ""] {
                let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                assert!(changed == text || parse(&changed).is_none(), "{at} {other}");
            }
            assert!(parse(&text[..at]).is_none());
        }
        for text in [String::new(), "rce_".to_owned(), format!("{text}="), format!(" {text}"), text.to_uppercase()] {
            assert!(parse(&text).is_none(), "{text}");
        }
    }
}
