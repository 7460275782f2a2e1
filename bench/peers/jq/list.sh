#!/usr/bin/env bash
# The pipeline of curl and jq: one curl for each page, one jq for them all.  usage: list.sh BASE_URL > users.ndjson
set -euo pipefail
here=$(dirname "$0")
headers=$(mktemp)
trap 'rm -f "$headers"' EXIT

pages() {
  local url
  for url in "$1/api/v1/users?limit=200" "$1/api/v1/users?limit=200&filter=status+eq+%22DEPROVISIONED%22"; do
    while [ -n "$url" ]; do
      curl --silent --show-error --fail --header "Authorization: SSWS bench" --dump-header "$headers" "$url"
      echo
      url=$(sed -n 's/^link: <\([^>]*\)>; rel="next".*/\1/Ip' "$headers" | tr -d '\r')
    done
  done
}

pages "$1" | jq --compact-output --from-file "$here/okta.jq"
