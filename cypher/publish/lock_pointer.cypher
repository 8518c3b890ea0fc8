// Purpose: Takes the lock of the pointer to the current run, so that two publications follow one another.
// Params: $run
// Returns: name
// Mode: write
// Needs: core
MERGE (current:Current {name: 'run'})
SET current.publishing = $run
RETURN current.name AS name
