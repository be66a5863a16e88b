/** A graph of nodes one after the other, checkpointed by its SQLite saver. Variant: its `durability`. */
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { load, measure } from "./load.mjs";

// Otherwise it may look for a server to trace to.
process.env.LANGCHAIN_TRACING_V2 = "false";

const State = Annotation.Root({ value: Annotation() });
const graph = new StateGraph(State);
const name = (n) => `s${n}`;
for (let n = 0; n < load.steps; n++) {
  graph.addNode(name(n), () => ({ value: null }));
  graph.addEdge(n === 0 ? START : name(n - 1), name(n));
}
graph.addEdge(name(load.steps - 1), END);

const saver = SqliteSaver.fromConnString(join(load.folder, "langgraph.db"));
saver.setup();
saver.db.pragma("synchronous = FULL");
const [{ synchronous }] = saver.db.pragma("synchronous");
const [{ journal_mode: journal }] = saver.db.pragma("journal_mode");
if (synchronous !== 2 || journal !== "wal") throw new Error(`synchronous = ${synchronous}, journal_mode = ${journal}`);

const app = graph.compile({ checkpointer: saver });
await measure(() =>
  app.invoke(
    { value: null },
    { configurable: { thread_id: randomUUID() }, durability: load.variant, recursionLimit: load.steps + 5 },
  ),
);
saver.db.close();
