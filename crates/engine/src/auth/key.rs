//! Private keys as operators paste them.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey};
use rollcall_connector::definition::FaultKind;

use crate::fault::Fault;

/// Line breaks that were pasted as `\n`, as they stand in JSON and environment files.
pub(super) fn unescaped(text: &str) -> String {
    text.replace("\\r", "").replace("\\n", "\n").replace("\r\n", "\n")
}

/// The signing key for an algorithm.
pub(super) fn read(algorithm: Algorithm, text: &str) -> Result<EncodingKey, Fault> {
    match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Ok(EncodingKey::from_secret(text.as_bytes())),
        Algorithm::ES256 | Algorithm::ES384 => elliptic(algorithm, &pem(text)?),
        Algorithm::EdDSA => {
            EncodingKey::from_ed_pem(pem(text)?.as_bytes()).map_err(|_| unreadable("an Ed25519 key in PKCS#8"))
        }
        _ => EncodingKey::from_rsa_pem(pem(text)?.as_bytes()).map_err(|_| unreadable("an RSA key")),
    }
}

/// A PEM text with its line breaks: many forms fold them into spaces.
fn pem(text: &str) -> Result<String, Fault> {
    let text = unescaped(text.trim().trim_matches('"'));
    let Some((label, inner)) = parts(&text) else {
        return Err(unreadable("a PEM key (`-----BEGIN … PRIVATE KEY-----`)"));
    };
    if label.contains("ENCRYPTED") || inner.contains("Proc-Type") {
        return Err(Fault::new(FaultKind::Credential, "the private key is encrypted")
            .hint("give the key without a passphrase: `openssl pkey -in key.pem -out plain.pem`"));
    }
    let body: String = inner.split_whitespace().collect();
    Ok(format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"))
}

/// Label and content of the first block that holds a private key. An EC file may begin with its parameters.
fn parts(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    loop {
        let (_, after) = rest.split_once("-----BEGIN ")?;
        let (label, after) = after.split_once("-----")?;
        let (inner, after) = after.split_once("-----END ")?;
        if label.ends_with("PRIVATE KEY") {
            return Some((label, inner));
        }
        rest = after;
    }
}

/// `openssl ecparam` writes RFC 5915 (`EC PRIVATE KEY`), which the JWT library does not read: both become PKCS#8 here.
fn elliptic(algorithm: Algorithm, pem: &str) -> Result<EncodingKey, Fault> {
    let wanted = "an elliptic curve key of the right curve (P-256 for ES256, P-384 for ES384)";
    let inner: String = parts(pem).map(|(_, inner)| inner.split_whitespace().collect()).unwrap_or_default();
    let der = STANDARD.decode(inner).map_err(|_| unreadable(wanted))?;
    let curve =
        if algorithm == Algorithm::ES256 { &ECDSA_P256_SHA256_FIXED_SIGNING } else { &ECDSA_P384_SHA384_FIXED_SIGNING };
    let pair = EcdsaKeyPair::from_private_key_der(curve, &der).map_err(|_| unreadable(wanted))?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| unreadable(wanted))?;
    Ok(EncodingKey::from_ec_der(pkcs8.as_ref()))
}

fn unreadable(wanted: &str) -> Fault {
    Fault::new(FaultKind::Credential, format!("the private key cannot be read as {wanted}"))
        .hint("paste the whole key with its first and last line")
}
