// Purpose: Sets the state of the sequence lock of what runs publish: odd right before a publication becomes visible
//   bit by bit, even once it is visible as a whole, or is not to be.
// Params: $before (the state that it has to be in), $state
// Returns: state (no row: another publication has set it)
// Mode: write
// Needs: core
MERGE (seqlock:Seqlock {name: 'runs'})
SET seqlock.name = 'runs' // so that nobody else changes it before it is read
WITH seqlock
WHERE coalesce(seqlock.state, 0) IN [$before, $state]
SET seqlock.since = CASE seqlock.state WHEN $state THEN seqlock.since ELSE datetime() END,
    seqlock.state = $state
RETURN seqlock.state AS state
