// Purpose: Notes that the store holds all loads through this one whole.
// Params: $load (its number)
// Returns: load
// Mode: write
// Needs: core
MERGE (current:Current {name: 'load'})
SET current.number = $load
RETURN current.number AS load
