//! HTTP Digest, RFC 7616: MD5, SHA-256 and SHA-512-256, their `-sess` forms, `qop=auth`, and the older form without `qop`.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest as sha;
use http::header::WWW_AUTHENTICATE;
use md5::Digest as _;
use rollcall_connector::definition::{Digest, FaultKind};
use rollcall_connector::template::{Template, percent_encode};

use super::fixed::insert;
use super::random;
use super::values::{self, Values};
use crate::fault::Fault;
use crate::transport::{Answer, Wire};

/// A `digest` entry and the server's last challenge.
pub(super) struct Responder {
    username: Template,
    password: Template,
    challenge: Mutex<Option<Challenge>>,
}

/// A challenge, and how often its nonce was used.
#[derive(Clone, Debug)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// As the server wrote it; it is sent back so.
    algorithm_name: Option<String>,
    qop: Option<&'static str>,
    hashes_username: bool,
    count: u32,
    /// Made once: `-sess` keys hold it.
    cnonce: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Algorithm {
    hash: Hash,
    session: bool,
}

/// From weak to strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hash {
    Md5,
    Sha256,
    Sha512Half,
}

impl Responder {
    pub fn new(entry: &Digest) -> Result<Self, Fault> {
        Ok(Self {
            username: values::parse(&entry.username)?,
            password: values::parse(&entry.password)?,
            challenge: Mutex::new(None),
        })
    }

    /// Answers the last challenge; before the first one the request goes out as it is.
    pub fn sign(&self, wire: &mut Wire, values: &Values) -> Result<(), Fault> {
        let challenge = {
            let mut held = self.challenge.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(challenge) = held.as_mut() else { return Ok(()) };
            challenge.count += 1;
            challenge.clone()
        };
        let lookup = |name: &str| values.get(name);
        let username = values::required(&self.username, &lookup)?;
        let password = values::required(&self.password, &lookup)?;
        let target = match wire.url.query() {
            Some(query) => format!("{}?{query}", wire.url.path()),
            None => wire.url.path().to_owned(),
        };
        let header = challenge.header(&username, &password, wire.method.as_str(), &target, &wire.body)?;
        insert(wire, "Authorization", &header)
    }

    /// Takes the strongest challenge that is known here; whether there was one.
    pub fn challenged(&self, answer: &Answer) -> Result<bool, Fault> {
        let offers: Vec<Vec<(String, String)>> = answer
            .headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(challenges)
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("digest"))
            .map(|(_, parameters)| parameters)
            .collect();
        if offers.is_empty() {
            return Ok(false);
        }
        let cnonce = random::hex::<16>()?;
        let best = offers
            .iter()
            .filter_map(|offer| Challenge::read(offer, &cnonce))
            .max_by_key(|challenge| challenge.algorithm.hash);
        let Some(best) = best else {
            return Err(Fault::new(
                FaultKind::UnexpectedShape,
                "the provider asks for a Digest algorithm or `qop` that is not known here",
            ));
        };
        *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = Some(best);
        Ok(true)
    }
}

impl Challenge {
    fn read(parameters: &[(String, String)], cnonce: &str) -> Option<Self> {
        let of = |name: &str| {
            parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
        };
        let algorithm_name = of("algorithm");
        let algorithm = Algorithm::read(algorithm_name.as_deref().unwrap_or("MD5"))?;
        let qop = match of("qop") {
            None => None,
            Some(offered) => {
                let offers = |wanted: &str| offered.split(',').any(|one| one.trim().eq_ignore_ascii_case(wanted));
                Some(["auth", "auth-int"].into_iter().find(|wanted| offers(wanted))?)
            }
        };
        Some(Self {
            realm: of("realm")?,
            nonce: of("nonce")?,
            opaque: of("opaque"),
            algorithm,
            algorithm_name,
            qop,
            hashes_username: of("userhash").is_some_and(|text| text.eq_ignore_ascii_case("true")),
            count: 0,
            cnonce: cnonce.to_owned(),
        })
    }

    /// The `Authorization` header, section 3.4.
    fn header(&self, username: &str, password: &str, method: &str, target: &str, body: &[u8]) -> Result<String, Fault> {
        let hash = |text: &str| self.algorithm.hash.hex(text.as_bytes());
        let count = format!("{:08x}", self.count);
        let mut key = hash(&format!("{username}:{}:{password}", self.realm));
        if self.algorithm.session {
            key = hash(&format!("{key}:{}:{}", self.nonce, self.cnonce));
        }
        let request = match self.qop {
            Some("auth-int") => hash(&format!("{method}:{target}:{}", self.algorithm.hash.hex(body))),
            _ => hash(&format!("{method}:{target}")),
        };
        let response = match self.qop {
            Some(qop) => hash(&format!("{key}:{}:{count}:{}:{qop}:{request}", self.nonce, self.cnonce)),
            None => hash(&format!("{key}:{}:{request}", self.nonce)),
        };
        let shown =
            if self.hashes_username { hash(&format!("{username}:{}", self.realm)) } else { username.to_owned() };
        if shown.chars().any(char::is_control) {
            return Err(Fault::new(FaultKind::Credential, "the user name holds a control character")
                .hint("paste it again as one line"));
        }
        // Section 3.4: a name that a quoted string cannot hold is written as RFC 8187 has it.
        let user = if shown.is_ascii() {
            format!("username={}", quoted(&shown))
        } else {
            format!("username*=UTF-8''{}", percent_encode(&shown))
        };
        let (realm, nonce, target) = (quoted(&self.realm), quoted(&self.nonce), quoted(target));
        let mut header = format!("Digest {user}, realm={realm}, nonce={nonce}, uri={target}, response=\"{response}\"");
        if let Some(name) = &self.algorithm_name {
            header.push_str(&format!(", algorithm={name}"));
        }
        if let Some(qop) = self.qop {
            header.push_str(&format!(", qop={qop}, nc={count}"));
        }
        if self.qop.is_some() || self.algorithm.session {
            header.push_str(&format!(", cnonce={}", quoted(&self.cnonce)));
        }
        if let Some(opaque) = &self.opaque {
            header.push_str(&format!(", opaque={}", quoted(opaque)));
        }
        if self.hashes_username {
            header.push_str(", userhash=true");
        }
        Ok(header)
    }
}

impl Algorithm {
    fn read(name: &str) -> Option<Self> {
        let upper = name.trim().to_ascii_uppercase();
        let (name, session) = upper.strip_suffix("-SESS").map_or((upper.as_str(), false), |name| (name, true));
        let hash = match name {
            "MD5" => Hash::Md5,
            "SHA-256" => Hash::Sha256,
            "SHA-512-256" => Hash::Sha512Half,
            _ => return None,
        };
        Some(Self { hash, session })
    }
}

impl Hash {
    fn hex(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => random::to_hex(&md5::Md5::digest(bytes)),
            Self::Sha256 => random::to_hex(sha::digest(&sha::SHA256, bytes).as_ref()),
            Self::Sha512Half => random::to_hex(sha::digest(&sha::SHA512_256, bytes).as_ref()),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The challenges of one `WWW-Authenticate` header (RFC 9110 section 11.6.1): scheme and parameters. Several may share a header.
fn challenges(header: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return found;
        }
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let after_space = after.trim_start_matches([' ', '\t']);
        match after_space.strip_prefix('=') {
            // `name = value`; a word followed by a space and no `=` is the next scheme.
            Some(value) if !word.is_empty() => {
                let (value, left) = parameter(value.trim_start_matches([' ', '\t']));
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((word.to_owned(), value));
                }
                rest = left;
            }
            _ => {
                if !word.is_empty() {
                    found.push((word.to_owned(), Vec::new()));
                }
                // A stray `=` must not stop the walk.
                rest = after_space.strip_prefix('=').unwrap_or(after_space);
            }
        }
    }
}

/// A token or quoted string, and what follows it.
fn parameter(text: &str) -> (String, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, inner.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(header: &str, cnonce: &str) -> Challenge {
        let (_, parameters) = challenges(header).into_iter().find(|(scheme, _)| scheme == "Digest").unwrap();
        Challenge { count: 1, ..Challenge::read(&parameters, cnonce).unwrap() }
    }

    fn response(header: &str) -> String {
        of(header, "response")
    }

    fn of(header: &str, name: &str) -> String {
        let (_, parameters) = challenges(header).into_iter().next().unwrap();
        parameters.into_iter().find(|(known, _)| known == name).unwrap().1
    }

    const RFC_7616: &str = r#"realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
    const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    /// RFC 7616, section 3.9.1.
    #[test]
    fn responses_are_the_standards() {
        for (algorithm, wanted) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let challenge = challenge(&format!("Digest {RFC_7616}, algorithm={algorithm}"), CNONCE);
            let header = challenge.header("Mufasa", "Circle of Life", "GET", "/dir/index.html", b"").unwrap();
            assert_eq!(response(&header), wanted);
            assert!(header.ends_with(
                r#"algorithm={}, qop=auth, nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
                    .replace("{}", algorithm)
                    .as_str()
            ));
        }
    }

    /// RFC 2617, section 3.5.
    #[test]
    fn the_older_standards_example_holds() {
        let header = r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#;
        let challenge = challenge(header, "0a4f113b");
        let header = challenge.header("Mufasa", "Circle Of Life", "GET", "/dir/index.html", b"").unwrap();
        assert_eq!(response(&header), "6629fae49393a05397450978507c4ef1");
        assert!(!header.contains("algorithm"));
    }

    /// RFC 7616, section 3.9.2, as corrected by the erratum on SHA-512-256.
    #[test]
    fn a_hashed_user_name_is_the_standards() {
        let header = r#"Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true"#;
        let challenge = challenge(header, "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v");
        let header = challenge.header("J\u{e4}s\u{f8}n Doe", "Secret, or not?", "GET", "/doe.json", b"").unwrap();
        assert_eq!(of(&header, "username"), "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
        assert_eq!(response(&header), "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
    }

    #[test]
    fn a_user_name_beyond_ascii_is_encoded() {
        let challenge = challenge(r#"Digest realm="r", nonce="n""#, "c");
        let header = challenge.header("J\u{e4}s\u{f8}n Doe", "p", "GET", "/", b"").unwrap();
        assert!(header.starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, "), "{header}");
    }

    /// RFC 2069's form: no `qop`, so neither count nor client nonce.
    #[test]
    fn without_qop_the_short_form_is_used() {
        let challenge = challenge(r#"Digest realm="r", nonce="n""#, "c");
        let header = challenge.header("u", "p", "GET", "/", b"").unwrap();
        let hash = |text: &str| Hash::Md5.hex(text.as_bytes());
        assert_eq!(response(&header), hash(&format!("{}:n:{}", hash("u:r:p"), hash("GET:/"))));
        assert!(!header.contains("nc="));
        assert!(!header.contains("cnonce"));
    }

    #[test]
    fn session_keys_hold_both_nonces_and_bodies_count_for_auth_int() {
        let challenge = challenge(r#"Digest realm="r", nonce="n", algorithm=SHA-256-sess, qop="auth-int""#, "c");
        let header = challenge.header("u", "p", "POST", "/x?y=1", b"body").unwrap();
        let hash = |text: &str| Hash::Sha256.hex(text.as_bytes());
        let key = hash(&format!("{}:n:c", hash("u:r:p")));
        let request = hash(&format!("POST:/x?y=1:{}", hash("body")));
        assert_eq!(response(&header), hash(&format!("{key}:n:00000001:c:auth-int:{request}")));
        assert!(header.contains("qop=auth-int"));
    }

    #[test]
    fn challenges_share_headers() {
        let found =
            challenges(r#"Basic realm="a, \"b\" = c",Negotiate , Digest realm = "r" ,nonce=n,qop="auth", NTLM"#);
        let schemes: Vec<&str> = found.iter().map(|(scheme, _)| scheme.as_str()).collect();
        assert_eq!(schemes, ["Basic", "Negotiate", "Digest", "NTLM"]);
        assert_eq!(found[0].1, [("realm".to_owned(), "a, \"b\" = c".to_owned())]);
        assert_eq!(found[2].1.len(), 3);
        for odd in ["", "=", "==,=", "\"", "Digest =", "Digest realm=\"open", ",,,", "é=é"] {
            let _ends = challenges(odd);
        }
    }

    #[test]
    fn unknown_algorithms_are_not_guessed() {
        let read = |header: &str| Challenge::read(&challenges(header)[0].1, "c");
        assert!(read(r#"Digest realm="r", nonce="n", algorithm=SHA3"#).is_none());
        assert!(read(r#"Digest realm="r", nonce="n", qop="token""#).is_none());
        assert!(read(r#"Digest realm="r""#).is_none());
    }
}
