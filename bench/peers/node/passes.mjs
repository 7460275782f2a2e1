// The two walks that together list everyone, and the way from page to page.

export const passes = (base) => [
  `${base}/api/v1/users?limit=200`,
  `${base}/api/v1/users?limit=200&filter=${encodeURIComponent('status eq "DEPROVISIONED"')}`,
];

export const headers = { authorization: "SSWS bench" };

export const nextLink = (link) => /<([^>]+)>;\s*rel="next"/.exec(link ?? "")?.[1];
