// Purpose: Returns the number of the last load that the store holds whole.
// Params: none
// Returns: load
// Mode: read
// Needs: core
MATCH (current:Current {name: 'load'})
RETURN current.number AS load
