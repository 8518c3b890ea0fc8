// Purpose: Returns the state of the sequence lock of what runs publish, which every publication changes twice.
// Params: none
// Returns: state (odd: a publication becomes visible; no row: nothing was published yet), age (whole seconds for
//   which it has been in it)
// Mode: read
// Needs: core
MATCH (seqlock:Seqlock {name: 'runs'})
RETURN seqlock.state AS state,
       duration.inSeconds(seqlock.since, datetime()).seconds AS age
