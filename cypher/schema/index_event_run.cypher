// Purpose: Indexes ring events by their run.
// Params: none
// Returns: nothing
// Mode: schema
// Needs: core
CREATE INDEX linkage_event_run IF NOT EXISTS
FOR (event:RingEvent)
ON (event.run)
