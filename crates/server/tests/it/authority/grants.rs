//! Codes and tokens that were given out.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rollcall_engine::clock::Clock as _;

use crate::world::TestClock;

pub struct Grants {
    clock: TestClock,
    codes: HashMap<String, (String, String)>,
    /// Access tokens with their end and the authorization that they belong to.
    access: HashMap<String, (SystemTime, usize)>,
    refresh: HashMap<String, usize>,
    used: HashMap<String, usize>,
    ended: HashSet<usize>,
    given: usize,
    pub exchanges: usize,
    pub refreshes: usize,
    pub replays: usize,
}

impl Grants {
    pub fn new(clock: TestClock) -> Self {
        Self {
            clock,
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            used: HashMap::new(),
            ended: HashSet::new(),
            given: 0,
            exchanges: 0,
            refreshes: 0,
            replays: 0,
        }
    }

    pub fn code(&mut self, redirect_uri: &str, challenge: &str) -> String {
        let code = self.fresh("code");
        self.codes.insert(code.clone(), (redirect_uri.to_owned(), challenge.to_owned()));
        code
    }

    /// RFC 6749 section 4.1.3 and RFC 7636 section 4.6.
    pub fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        lifetime: Duration,
    ) -> Option<(String, String)> {
        let (known, challenge) = self.codes.remove(code)?;
        let proven = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge;
        if known != redirect_uri || !proven {
            return None;
        }
        self.exchanges += 1;
        let authorization = self.given;
        Some(self.give(authorization, lifetime))
    }

    /// A refresh token that somebody has without a sign-in here.
    pub fn refresh_token(&mut self) -> String {
        let token = self.fresh("refresh");
        self.refresh.insert(token.clone(), self.given);
        token
    }

    /// RFC 6749 section 6; RFC 9700 section 4.14.2: a used token that comes again ends the authorization.
    pub fn refresh(&mut self, token: &str, lifetime: Duration) -> Option<(String, String)> {
        if let Some(authorization) = self.used.get(token) {
            self.replays += 1;
            self.ended.insert(*authorization);
            return None;
        }
        let authorization = self.refresh.remove(token)?;
        self.used.insert(token.to_owned(), authorization);
        if self.ended.contains(&authorization) {
            return None;
        }
        self.refreshes += 1;
        // The access tokens of before are ended as well: whoever still has one must notice.
        self.access.retain(|_, (_, of)| *of != authorization);
        Some(self.give(authorization, lifetime))
    }

    pub fn accepts(&self, token: &str) -> bool {
        self.access.get(token).is_some_and(|(until, of)| self.clock.now() < *until && !self.ended.contains(of))
    }

    fn give(&mut self, authorization: usize, lifetime: Duration) -> (String, String) {
        let (access, refresh) = (self.fresh("access"), self.fresh("refresh"));
        self.access.insert(access.clone(), (self.clock.now() + lifetime, authorization));
        self.refresh.insert(refresh.clone(), authorization);
        (access, refresh)
    }

    fn fresh(&mut self, kind: &str) -> String {
        self.given += 1;
        format!("{kind}-canary-{}", self.given)
    }
}

/// A client's id and secret as RFC 6749 section 2.3.1 has them.
pub fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}
