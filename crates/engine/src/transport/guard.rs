//! Which addresses may be called. A connector declares its hosts; nothing else is called, whatever a next link, a redirect or a setting says.
//! Private addresses are reached only where the operator has named the host.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rollcall_connector::hosts::HostPattern;
use url::{Host, Url};

/// What may be reached.
#[derive(Clone, Debug, Default)]
pub struct NetworkPolicy {
    /// Hosts that the connector and the account declare.
    pub hosts: Vec<HostPattern>,
    /// Hosts for which private and loopback addresses, and plain http, are allowed: those that the operator typed.
    pub private: Vec<String>,
    /// Ports of hosts, beside 443 of public ones: on another port of a private host lives another service.
    pub ports: Vec<(String, u16)>,
}

impl NetworkPolicy {
    /// Checks a URL before anything is resolved.
    ///
    /// # Errors
    /// Why it may not be called.
    pub fn check_url(&self, url: &Url) -> Result<(), String> {
        let Some(host) = url.host_str() else { return Err(format!("`{}` has no host", shown(url))) };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let private_allowed = self.allows_private(host);
        match url.scheme() {
            "https" => {}
            "http" if private_allowed => {}
            other => return Err(format!("`{}` is not https but {other}", shown(url))),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("`{}` carries a user name", shown(url)));
        }
        if !private_allowed && !self.hosts.iter().any(|pattern| pattern.matches(host)) {
            return Err(format!("host `{host}` is not one that the connector declares"));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let known = self.ports.iter().any(|(name, known)| *known == port && name.eq_ignore_ascii_case(host));
        if !known && (private_allowed || port != 443) {
            return Err(format!("port {port} of host `{host}` is not one that the connector or the account names"));
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_address(host, IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.check_address(host, IpAddr::V6(address)),
            _ => Ok(()),
        }
    }

    /// Checks an address that a host resolved to.
    ///
    /// # Errors
    /// Why it may not be called.
    pub fn check_address(&self, host: &str, address: IpAddr) -> Result<(), String> {
        if is_public(address) || self.allows_private(host) {
            Ok(())
        } else {
            Err(format!("host `{host}` resolves to the private address {address}"))
        }
    }

    /// Whether the operator named this host.
    #[must_use]
    pub fn allows_private(&self, host: &str) -> bool {
        self.private.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// A URL without its query, which may hold secrets.
pub(crate) fn shown(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.to_string()
}

/// Whether an address is on the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = a == 192 && b == 0 && c == 0;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || benchmark
        || protocol)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    let [a, b, ..] = segments;
    // NAT64 (64:ff9b::/96) and 6to4 (2002::/16) carry an IPv4 address inside.
    if a == 0x64 && b == 0xff9b {
        let [.., high, low] = segments;
        return is_public_v4(embedded(high, low));
    }
    if a == 0x2002 {
        let [_, high, low, ..] = segments;
        return is_public_v4(embedded(high, low));
    }
    // Global unicast is 2000::/3; within it, Teredo and documentation are not for calling.
    (a & 0xe000) == 0x2000 && !(a == 0x2001 && (b == 0 || b == 0xdb8))
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}
