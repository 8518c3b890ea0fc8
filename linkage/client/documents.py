"""The GraphQL documents of the client: few and fixed, so that a service with an allow-list can list them."""

from __future__ import annotations

FACETS = ("network", "payment", "content", "timing", "device", "profile")

RINGS = """query Rings($first: Int!, $after: String, $filter: RingFilter, $sort: RingSort!) {
  rings(first: $first, after: $after, filter: $filter, sort: $sort) {
    edges {
      node {
        ringId status size score requests facets context operatorId campaignId firstSeen lastSeen
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

MEMBERS = """query Members($ring: ID!, $first: Int!, $after: String) {
  ring(id: $ring) {
    members(first: $first, after: $after) {
      edges { role bits weakestFacet since node { accountId status requests } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

LINKS = """query Links($ring: ID!, $first: Int!, $after: String) {
  ring(id: $ring) {
    links(first: $first, after: $after) {
      edges {
        node {
          bits grade firstSeen lastSeen
          facets { facet bits }
          accountA { accountId }
          accountB { accountId }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

ACCOUNTS = """query Accounts($first: Int!, $after: String, $filter: AccountConditions) {
  accounts(first: $first, after: $after, filter: $filter) {
    edges {
      node {
        accountId status plan country emailDomain organization label role requests createdAt firstSeen lastSeen
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

EVENTS = """query Events($first: Int!, $after: String) {
  events(first: $first, after: $after) {
    edges { cursor node { at runId ringId event otherRingId } }
    pageInfo { hasNextPage endCursor }
  }
}"""

WHY = """query Why($a: ID!, $b: ID!) {
  whyLinked(a: $a, b: $b) {
    prior bits needed linked grade against
    facets { facet summed counted }
    things(first: 100) { facet kind key place degree bits firstSeen lastSeen detail }
  }
}"""
