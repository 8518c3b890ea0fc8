// A peer of the API: graphql-yoga over the same Neo4j, with the same statements and a DataLoader for each of them.
// Run: node yoga_server.mjs PORT SCHEMA CYPHER_FOLDER, with BOLT, USER and PASSWORD in the environment; in a folder where
// graphql-yoga, graphql, neo4j-driver and dataloader are installed.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import DataLoader from "dataloader";
import { createSchema, createYoga } from "graphql-yoga";
import neo4j from "neo4j-driver";

const [port, schema, cypher] = process.argv.slice(2);
const { BOLT, USER, PASSWORD } = process.env;
const driver = neo4j.driver(BOLT, neo4j.auth.basic(USER, PASSWORD), {
  disableLosslessIntegers: true,
  notificationFilter: { disabledClassifications: ["UNRECOGNIZED"] },
});
const statement = (name) => readFileSync(`${cypher}/list_${name}.cypher`, "utf8");
const [RINGS, MEMBERS, ACCOUNTS, USES] = ["given_rings", "members", "accounts", "uses"].map(statement);

async function rows(text, params) {
  const session = driver.session({ database: "neo4j" });
  try {
    return (await session.executeRead((work) => work.run(text, params))).records;
  } finally {
    await session.close();
  }
}

const cacheKeyFn = ([id, first]) => `${id} ${first}`;
const loaders = () => ({
  rings: new DataLoader(async (ids) => {
    const found = new Map((await rows(RINGS, { rings: ids })).map((row) => [row.get("ring_id"), row]));
    return ids.map((id) => found.get(id));
  }),
  members: new DataLoader(
    async (keys) => {
      const asked = await rows(MEMBERS, { rings: keys.map(([id]) => id), limit: neo4j.int(keys[0][1]) });
      const found = new Map(asked.map((row) => [row.get("ring_id"), row.get("members")]));
      return keys.map(([id]) => found.get(id) ?? []);
    },
    { cacheKeyFn },
  ),
  accounts: new DataLoader(async (ids) => {
    const found = new Map((await rows(ACCOUNTS, { ids }))[0].get("accounts").map((values) => [values[0], values]));
    return ids.map((id) => found.get(id));
  }),
  uses: new DataLoader(
    async (keys) => {
      const asked = await rows(USES, { accounts: keys.map(([id]) => id), limit: neo4j.int(keys[0][1]) });
      const found = new Map(asked[0].get("accounts"));
      return keys.map(([id]) => found.get(id) ?? []);
    },
    { cacheKeyFn },
  ),
});

const resolvers = {
  Query: {
    ring: async (_, { id }, context) => {
      const found = await context.rings.load(id);
      return found && { ringId: found.get("ring_id"), size: found.get("size"), score: found.get("score") };
    },
  },
  Ring: {
    members: async (ring, { first }, context) => ({
      edges: (await context.members.load([ring.ringId, first])).map(([id, role, bits]) => ({ id, role: role.toUpperCase(), bits })),
    }),
  },
  MemberEdge: {
    node: async (edge, _, context) => {
      const values = await context.accounts.load(edge.id);
      return { accountId: values[0], status: values[2] };
    },
  },
  Account: {
    identifiers: async (account, { first }, context) => ({
      edges: (await context.uses.load([account.accountId, first])).map((use) => ({
        requests: use[8],
        node: { key: use[0], kind: use[1], bits: use[4] },
      })),
    }),
  },
};

const yoga = createYoga({
  schema: createSchema({ typeDefs: readFileSync(schema, "utf8"), resolvers }),
  context: loaders,
  logging: false,
  graphiql: false,
});
createServer(yoga).listen(Number(port), "127.0.0.1");
