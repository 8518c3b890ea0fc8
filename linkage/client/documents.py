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

_THINGS = "facet kind key place degree bits members"

WHY_MEMBER = f"""query WhyMember($account: ID!) {{
  whyMember(account: $account) {{
    accountId ringId role bits weakestFacet members others voucherCount thingCount against
    strongest {{
      prior bits needed linked grade against
      facets {{ facet summed counted }}
      things(first: 100) {{ facet kind key place degree bits firstSeen lastSeen detail }}
    }}
    vouchers(first: 100) {{ accountId bits facets {{ facet counted }} }}
    things(first: 100) {{ {_THINGS} }}
    freeing {{ atLeast exact things {{ {_THINGS} }} }}
    fragility {{ facet links }}
  }}
}}"""

WHY_RING = f"""query WhyRing($ring: ID!) {{
  whyRing(ring: $ring) {{
    ringId members links against
    things {{ {_THINGS} }}
    bridges {{ accountIds bits side }}
    weakest {{ accountId role links bits weakestFacet }}
    fragility {{ facet links members pieces largest }}
    cut {{ bits ofAccounts linkCount sideSize }}
  }}
}}"""

WHAT_IF = """query WhatIf($terminate: Termination!) {
  whatIf(terminate: $terminate) {
    accounts requestsStopped innocentCount
    rings { ringId membersBefore membersLeft pieces largestPiece requestsBefore requestsLeft }
    innocents(first: 100) { reason node { accountId } }
  }
}"""

VERDICT = """mutation Verdict($input: VerdictInput!) {
  setVerdict(input: $input) {
    decision { decisionId version ruling author reason at }
    userErrors { field code message }
  }
}"""

WHY = """query Why($a: ID!, $b: ID!) {
  whyLinked(a: $a, b: $b) {
    prior bits needed linked grade against
    facets { facet summed counted }
    things(first: 100) { facet kind key place degree bits firstSeen lastSeen detail }
  }
}"""
