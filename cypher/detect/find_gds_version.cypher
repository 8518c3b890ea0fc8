// Purpose: Returns the version of the graph algorithms; the procedure is unknown where they are not
//   installed.
// Params: none
// Returns: version
// Mode: read
// Needs: gds
RETURN gds.version() AS version
