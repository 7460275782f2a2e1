//! Keys that are made for one test run: none is kept in a file.

use aws_lc_rs::encoding::{AsDer as _, EcPrivateKeyRfc5915Der, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::DecodingKey;

/// The header of PKCS#8 around an RSA key of 2048 bits; what follows is PKCS#1.
const PKCS8_HEADER: usize = 26;

pub struct Rsa {
    pub pkcs8: String,
    pub pkcs1: String,
    pub public: DecodingKey,
}

pub fn rsa() -> Rsa {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    Rsa {
        pkcs8: pem("PRIVATE KEY", der.as_ref()),
        pkcs1: pem("RSA PRIVATE KEY", &der.as_ref()[PKCS8_HEADER..]),
        public: DecodingKey::from_rsa_der(pair.public_key().as_ref()),
    }
}

pub struct Elliptic {
    pub pkcs8: String,
    pub sec1: String,
    pub public: DecodingKey,
}

pub fn elliptic() -> Elliptic {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let private = pair.private_key();
    let sec1: EcPrivateKeyRfc5915Der<'_> = private.as_der().unwrap();
    Elliptic {
        pkcs8: pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref()),
        sec1: pem("EC PRIVATE KEY", sec1.as_ref()),
        public: DecodingKey::from_ec_der(pair.public_key().as_ref()),
    }
}

pub fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
