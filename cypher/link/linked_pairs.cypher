// Purpose: Returns the links of docs/model.md from uses and identifiers alone: pairs, bits by facet, grade.
//   Weights are whole millibits on the way, so that sums do not depend on order. It meets every pair through
//   every shared thing, hubs included, and weighs every pair: it is for small worlds and for checking.
// Params: $accounts (how many there are), $margin (bits beyond log2 of them), $cap (most bits of a facet),
//   $timing_cap, $floor (bits from which a facet supports), $behaviour_floor (bits of content and timing that
//   traffic must show), $traffic (whether any account has traffic), $keep (strongest links of each grade that
//   an account keeps)
// Returns: account_a, account_b, bits, network, payment, content, timing, device, profile, grade, first_seen,
//   last_seen
// Mode: read
// Needs: core
CALL () {
  OPTIONAL MATCH (prompt:PromptFingerprint)
  WITH collect({both: (1.0 * prompt.degree / $accounts) ^ 2, bits: prompt.bits}) AS prompts
  RETURN [s IN range(0, 20) | reduce(
           bits = 0.0, one IN prompts |
           bits
             + CASE WHEN 4.0 ^ s * one.both < 1 THEN 4.0 ^ s * one.both ELSE 1.0 END
             * CASE WHEN one.bits > s THEN one.bits - s ELSE 0.0 END
         )] AS chance
}
WITH chance,
     toInteger(round(1000 * (log(CASE WHEN $accounts < 2 THEN 2 ELSE $accounts END) / log(2) + $margin))) AS needed
MATCH (a:Account)-[used_a:USED]->(i:Identifier)<-[used_b:USED]-(b:Account)
WHERE i.bits > 0
  AND a.id < b.id
  AND (NOT i.windowed OR any(day IN used_a.days WHERE day IN used_b.days))
WITH chance, needed, a, b, i,
     CASE i.facet
       WHEN 'network' THEN 0
       WHEN 'payment' THEN 1
       WHEN 'content' THEN 2
       WHEN 'timing' THEN 3
       WHEN 'device' THEN 4
       ELSE 5
     END AS f,
     CASE WHEN i.windowed THEN [day IN used_a.days WHERE day IN used_b.days] ELSE used_a.days END AS days_a,
     CASE WHEN i.windowed THEN [day IN used_a.days WHERE day IN used_b.days] ELSE used_b.days END AS days_b
WITH chance, needed, a, b, i.facet AS facet, i.kind AS kind, days_a, days_b,
     toInteger(round(1000 * i.bits))
       - toInteger(round(1000 * a.breadth[f]))
       - toInteger(round(1000 * b.breadth[f])) AS worth
WITH chance, needed, a, b, facet, kind, days_a, days_b, worth,
     CASE WHEN needed / 5 < 1000 * $floor THEN 1000 * $floor ELSE needed / 5 END AS telling

// a kind is worth the sum of its things; prompts are charged with what two accounts share by chance
WITH chance, needed, a, b, facet, kind,
     sum(CASE WHEN worth > 0 THEN worth ELSE 0 END) AS worth,
     sum(CASE WHEN worth >= telling THEN worth ELSE 0 END) AS large,
     min(CASE WHEN days_a[0] > days_b[0] THEN days_a[0] WHEN days_a[0] <= days_b[0] THEN days_b[0] END)
       AS first_day,
     max(CASE WHEN days_a[-1] > days_b[-1] THEN days_a[-1] WHEN days_a[-1] <= days_b[-1] THEN days_b[-1] END)
       AS last_day
WITH chance, needed, a, b, facet, kind, worth, large, first_day, last_day, a.breadth[2] + b.breadth[2] AS breadth
WITH needed, a, b, facet, kind, worth, large, first_day, last_day,
     chance[CASE WHEN breadth < 20 THEN toInteger(breadth) ELSE 20 END] AS below,
     chance[CASE WHEN breadth < 19 THEN toInteger(breadth) + 1 ELSE 20 END] AS above,
     CASE WHEN breadth < 20 THEN breadth - toInteger(breadth) ELSE 0.0 END AS rest
WITH needed, a, b, facet, kind, worth, large, first_day, last_day, below + rest * (above - below) AS expected
WITH needed, a, b, facet, kind, large, first_day, last_day,
     CASE WHEN kind = 'prompt' THEN worth - toInteger(round(1000 * (expected + 2 * sqrt(5 * expected)))) ELSE worth END
       AS worth
WITH needed, a, b, facet, kind, large, first_day, last_day,
     CASE WHEN worth < 0 THEN 0 WHEN worth > 1000 * $cap THEN toInteger(round(1000 * $cap)) ELSE worth END AS worth

// a facet is worth the largest of its kinds; three kinds coincide too easily to support it, and a pair that
// shares too little telling infrastructure is not looked at
WITH needed, a, b, facet, worth, large, first_day, last_day,
     NOT kind IN ['tls', 'email_domain', 'signup'] AS supports
WITH needed, a, b, facet,
     max(worth) AS worth,
     max(CASE WHEN supports THEN worth ELSE 0 END) AS support,
     sum(CASE WHEN supports AND facet <> 'content' THEN large ELSE 0 END) AS large,
     min(CASE WHEN facet <> 'content' THEN first_day END) AS first_day,
     max(CASE WHEN facet <> 'content' THEN last_day END) AS last_day
WITH needed, a, b,
     sum(large) AS large,
     sum(worth) AS others,
     sum(support) AS supported,
     sum(CASE facet WHEN 'network' THEN worth ELSE 0 END) AS network,
     sum(CASE facet WHEN 'payment' THEN worth ELSE 0 END) AS payment,
     sum(CASE facet WHEN 'content' THEN worth ELSE 0 END) AS content,
     sum(CASE facet WHEN 'device' THEN worth ELSE 0 END) AS device,
     sum(CASE facet WHEN 'profile' THEN worth ELSE 0 END) AS profile,
     sum(CASE WHEN support >= 1000 * $floor THEN 1 ELSE 0 END) AS supporting,
     sum(CASE WHEN support >= 1000 * $floor AND facet IN ['payment', 'device'] THEN 1 ELSE 0 END) AS hard,
     min(first_day) AS first_day,
     max(last_day) AS last_day
WHERE large >= CASE WHEN needed * 2 / 5 < 1000 * $floor THEN 1000 * $floor ELSE needed * 2 / 5 END
  AND others + 1000 * $timing_cap >= needed
CALL (a, b) {
  WITH a.starts AS starts_a, b.starts AS starts_b
  WITH starts_a, starts_b,
       CASE WHEN starts_a[0] > starts_b[0] THEN starts_a[0] ELSE starts_b[0] END / 1440 AS first,
       CASE WHEN starts_a[-1] < starts_b[-1] THEN starts_a[-1] ELSE starts_b[-1] END / 1440 AS last
  WHERE first <= last
  UNWIND [10, 60] AS scale
  CALL (starts_a, first, last, scale) {
    UNWIND starts_a AS minute
    WITH minute
    WHERE first <= minute / 1440 <= last
    RETURN collect(DISTINCT minute / scale) AS windows_a
  }
  CALL (starts_b, first, last, scale) {
    UNWIND starts_b AS minute
    WITH minute
    WHERE first <= minute / 1440 <= last
    RETURN collect(DISTINCT minute / scale) AS windows_b
  }
  WITH size([window IN windows_a WHERE window IN windows_b]) AS common,
       reduce(
         products = 0.0, hour IN range(0, 23) |
         products
           + size([window IN windows_a WHERE window * scale / 60 % 24 = hour])
           * size([window IN windows_b WHERE window * scale / 60 % 24 = hour])
       ) / ((last - first + 1) * 60 / scale) AS expected
  WITH CASE
         WHEN common >= 3 AND common > expected
         THEN (common * log(common / expected) - (common - expected)) / log(2) - 1
         ELSE 0.0
       END AS bits
  WITH coalesce(max(bits), 0.0) AS bits
  RETURN toInteger(round(1000 * CASE WHEN bits < 0 THEN 0 WHEN bits > $timing_cap THEN $timing_cap ELSE bits END))
    AS timing
}
WITH needed, a, b, network, payment, content, timing, device, profile, hard, first_day, last_day,
     others + timing AS total,
     supported + timing AS supported,
     supporting + CASE WHEN timing >= 1000 * $floor THEN 1 ELSE 0 END >= 2
       AND CASE WHEN $traffic THEN content + timing >= 1000 * $behaviour_floor ELSE hard > 0 END AS behaves
WHERE total >= needed
  AND (behaves OR supported >= needed)
WITH {
  account_a: a.id,
  account_b: b.id,
  bits: total / 1000.0,
  network: network / 1000.0,
  payment: payment / 1000.0,
  content: content / 1000.0,
  timing: timing / 1000.0,
  device: device / 1000.0,
  profile: profile / 1000.0,
  grade: CASE
    WHEN a.organization = b.organization OR a.label = 'benign' OR b.label = 'benign' THEN 'infrastructure'
    WHEN behaves THEN 'behaviour'
    ELSE 'infrastructure'
  END,
  first_seen: CASE WHEN first_day IS NOT NULL THEN datetime({epochSeconds: 86400 * first_day}) END,
  last_seen: CASE WHEN last_day IS NOT NULL THEN datetime({epochSeconds: 86400 * last_day}) END
} AS pair

// an account keeps its strongest links of each grade, and a link stays if either end keeps it
UNWIND [[pair.account_a, pair.account_b], [pair.account_b, pair.account_a]] AS side
WITH pair, side[0] AS account, side[1] AS other
ORDER BY pair.bits DESC, other
WITH account, pair.grade AS grade, collect(pair)[0..$keep] AS strongest
UNWIND strongest AS pair
WITH DISTINCT pair
RETURN pair.account_a AS account_a,
       pair.account_b AS account_b,
       pair.bits AS bits,
       pair.network AS network,
       pair.payment AS payment,
       pair.content AS content,
       pair.timing AS timing,
       pair.device AS device,
       pair.profile AS profile,
       pair.grade AS grade,
       pair.first_seen AS first_seen,
       pair.last_seen AS last_seen
ORDER BY account_a, account_b
