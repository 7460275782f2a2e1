//! Unpredictable texts: nonces, states, verifiers.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollcall_connector::definition::FaultKind;

use crate::fault::Fault;

/// `N` random bytes as lower-case hex.
pub(super) fn hex<const N: usize>() -> Result<String, Fault> {
    Ok(to_hex(&bytes::<N>()?))
}

/// `N` random bytes as base64url without padding.
pub(super) fn base64url<const N: usize>() -> Result<String, Fault> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<N>()?))
}

/// Lower-case hex.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    match rand::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(Fault::new(FaultKind::LimitReached, "this machine gives no random numbers")),
    }
}
