// Purpose: Returns the five most used identifiers of each kind: the places where strangers meet.
// Params: none
// Returns: kind, key, place, accounts, peak (on the busiest day), bits
// Mode: read
// Needs: core
UNWIND ['ip', 'payment', 'bin', 'prompt', 'device', 'tls', 'phone', 'email', 'email_domain', 'other', 'signup'] AS kind
CALL (kind) {
  MATCH (hub:Identifier)
  WHERE hub.kind = kind AND hub.degree > 1
  RETURN hub
  ORDER BY hub.kind DESC, hub.degree DESC, hub.key
  LIMIT 5
}
RETURN kind AS kind,
       hub.key AS key,
       hub.place AS place,
       hub.degree AS accounts,
       hub.peak AS peak,
       hub.bits AS bits
ORDER BY kind, accounts DESC, key
LIMIT 100
