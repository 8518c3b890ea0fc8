// Opens the editor on this service. An API key goes into the Headers tab: {"Authorization": "Bearer …"}
const defaultQuery = `# The rings of the current run, highest score first, with the accounts that carry them.
query Rings {
  rings(first: 5) {
    nodes {
      ringId
      size
      score
      facets
      members(first: 5) {
        edges {
          role
          bits
          weakestFacet
          node {
            accountId
            status
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

# Why two accounts are linked.
# query Why {
#   whyLinked(a: "…", b: "…") {
#     prior bits needed grade against
#     facets { facet counted }
#     things { facet kind degree bits firstSeen lastSeen detail }
#   }
# }
`;
const query = new URLSearchParams(window.location.search).get("query") || undefined;
const fetcher = GraphiQL.createFetcher({ url: window.location.pathname });

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    query,
    defaultQuery,
    defaultEditorToolsVisibility: true,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
  }),
);
