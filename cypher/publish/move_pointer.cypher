// Purpose: Moves the pointer to a run; what was read through it before is the run before.
// Params: $run
// Returns: id
// Mode: write
// Needs: core
MATCH (run:Run {id: $run})
MATCH (current:Current {name: 'run'})
CALL (current) {
  MATCH (current)-[old:IS]->()
  DELETE old
}
CREATE (current)-[:IS]->(run)
RETURN run.id AS id
