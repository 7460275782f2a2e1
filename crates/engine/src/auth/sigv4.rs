//! AWS Signature Version 4, through the AWS SDK's own signer.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    self, PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use rollcall_connector::definition::SigV4;
use rollcall_connector::template::Template;

use super::fixed::insert;
use super::mistake;
use super::values::{self, Values};
use crate::fault::Fault;
use crate::transport::Wire;

/// A `sigv4` entry.
pub(super) struct Aws {
    service: Template,
    region: Template,
    access_key: Template,
    secret_key: Template,
    session_token: Option<Template>,
}

impl Aws {
    pub fn new(entry: &SigV4) -> Result<Self, Fault> {
        Ok(Self {
            service: values::parse(&entry.service)?,
            region: values::parse(&entry.region)?,
            access_key: values::parse(&entry.access_key)?,
            secret_key: values::parse(&entry.secret_key)?,
            session_token: entry.session_token.as_deref().map(values::parse).transpose()?,
        })
    }

    pub fn sign(&self, wire: &mut Wire, values: &Values, now: SystemTime) -> Result<(), Fault> {
        let lookup = |name: &str| values.get(name);
        let service = values::required(&self.service, &lookup)?;
        let region = values::required(&self.region, &lookup)?;
        let session_token =
            self.session_token.as_ref().map_or(Ok(None), |template| values::optional(template, &lookup))?;
        let credentials = Credentials::new(
            values::required(&self.access_key, &lookup)?,
            values::required(&self.secret_key, &lookup)?,
            session_token,
            None,
            "account",
        );
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&region)
            .name(&service)
            .time(now)
            .settings(settings(&service))
            .build()
            .map_err(|error| mistake(error.to_string()))?
            .into();
        let headers: Vec<(String, String)> = wire
            .headers
            .iter()
            .filter(|(name, _)| is_signed(name.as_str()))
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let body = SignableBody::Bytes(&wire.body);
        let request = SignableRequest::new(
            wire.method.as_str(),
            wire.url.as_str(),
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            body,
        )
        .map_err(|error| mistake(error.to_string()))?;
        let (instructions, _) =
            http_request::sign(request, &params).map_err(|error| mistake(error.to_string()))?.into_parts();
        let (signed, _) = instructions.into_parts();
        for header in signed {
            insert(wire, header.name(), header.value())?;
        }
        Ok(())
    }
}

/// What AWS wants signed beside the host. Others may be changed on their way, by a proxy or the client itself.
fn is_signed(header: &str) -> bool {
    header == "content-type" || header.starts_with("x-amz-")
}

/// S3 signs the path as it is and wants a checksum; all other services encode the path once more.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}
