// Purpose: Takes back what a run wrote of who was in which ring, before it is written again: stays that
//   began with it go, those that ended with it go on.
// Params: $run
// Returns: rows (how many stays were changed or removed)
// Mode: write
// Needs: core
MATCH (:Account)-[stay:STAYED_IN]->(:Ring)
WHERE stay.from_run = $run
   OR stay.until_run = $run
SET stay.until_run = ''
WITH stay, stay.from_run = $run AS began
CALL (stay, began) {
  WITH stay, began
  WHERE began
  DELETE stay
}
RETURN count(*) AS rows
