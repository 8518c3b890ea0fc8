// Purpose: Returns the things that two accounts share, each with what it is worth to this pair; `linkage why`
//   also charges prompts for chance and adds coincidence in time (docs/model.md).
// Params: $a, $b (account ids)
// Returns: facet, kind, key, place, accounts (how many use it), rarity (bits before the breadth of the
//   two), bits, days (on which both used it)
// Mode: read
// Needs: core
MATCH (a:Account {id: $a})-[used_a:USED]->(i:Identifier)<-[used_b:USED]-(b:Account {id: $b})
WITH a, b, i,
     size([day IN coalesce(used_a.days, []) WHERE day IN coalesce(used_b.days, [])]) AS days,
     CASE i.facet
       WHEN 'network' THEN 0
       WHEN 'payment' THEN 1
       WHEN 'content' THEN 2
       WHEN 'timing' THEN 3
       WHEN 'device' THEN 4
       ELSE 5
     END AS f
WHERE days > 0 OR NOT i.windowed
WITH i, days, round(i.bits - a.breadth[f] - b.breadth[f], 3) AS worth
RETURN i.facet AS facet,
       i.kind AS kind,
       i.key AS key,
       i.place AS place,
       i.degree AS accounts,
       i.bits AS rarity,
       CASE WHEN worth > 0 THEN worth ELSE 0.0 END AS bits,
       days AS days
ORDER BY bits DESC, kind, key
LIMIT 200
