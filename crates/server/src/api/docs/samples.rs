//! A list call in three languages.

use rollcall_model::{Resource, Type};

/// The call as people write it.
pub struct Samples {
    pub curl: String,
    pub python: String,
    pub javascript: String,
}

/// The list of a resource at a server, with a filter where there is one with few values.
#[must_use]
pub fn of(model: &str, resource: &Resource, url: &str) -> Samples {
    let url = format!("{url}/unified/{model}/{}", resource.name);
    let filter = filter(resource);
    let curl_filter = filter.as_ref().map_or_else(String::new, |(name, value)| format!(" \\\n  -d {name}={value}"));
    let python_filter = filter.as_ref().map_or_else(String::new, |(name, value)| format!(", \"{name}\": \"{value}\""));
    let script_filter = filter.as_ref().map_or_else(String::new, |(name, value)| format!(", {name}: \"{value}\""));
    Samples {
        curl: format!(
            "curl -G {url} \\\n  -H \"Authorization: Bearer $ROLLCALL_TOKEN\" \\\n  -d integrated_account_id=$ACCOUNT{curl_filter}"
        ),
        python: format!(
            r#"import os
import requests

headers = {{"Authorization": "Bearer " + os.environ["ROLLCALL_TOKEN"]}}
params = {{"integrated_account_id": os.environ["ACCOUNT"]{python_filter}}}
while True:
    answer = requests.get("{url}", params=params, headers=headers)
    answer.raise_for_status()
    page = answer.json()
    for record in page["result"]:
        print(record)
    if page["next_cursor"] is None:
        break
    params["next_cursor"] = page["next_cursor"]"#
        ),
        javascript: format!(
            r#"const url = "{url}";
const headers = {{ Authorization: `Bearer ${{process.env.ROLLCALL_TOKEN}}` }};
const params = {{ integrated_account_id: process.env.ACCOUNT{script_filter} }};
for (;;) {{
  const answer = await fetch(`${{url}}?${{new URLSearchParams(params)}}`, {{ headers }});
  if (!answer.ok) throw new Error((await answer.json()).message);
  const page = await answer.json();
  page.result.forEach((record) => console.log(record));
  if (page.next_cursor === null) break;
  params.next_cursor = page.next_cursor;
}}"#
        ),
    }
}

/// A filter with a value that it may have.
fn filter(resource: &Resource) -> Option<(String, String)> {
    resource.parameters.iter().filter(|parameter| parameter.of.is_some()).find_map(|parameter| match &parameter.ty {
        Type::Enum { values, .. } => Some((parameter.name.clone(), values.first()?.value.clone())),
        _ => None,
    })
}
