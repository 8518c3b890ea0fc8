// Purpose: Returns how many nodes and relationships there are, from the counters of the store.
// Params: none
// Returns: accounts, identifiers, uses, links, rings (of the current run)
// Mode: read
// Needs: core
RETURN COUNT { (:Account) } AS accounts,
       COUNT { (:Identifier) } AS identifiers,
       COUNT { ()-[:USED]->() } AS uses,
       COUNT { ()-[:LINKED]->() } AS links,
       COUNT { (:Ring {status: 'active'}) } + COUNT { (:Ring {status: 'dormant'}) } AS rings
