export { scripted } from "./agents.ts";
export type { Call, Failing, Reply, Script, Scripted, ScriptedOptions } from "./agents.ts";
export { simulatedClock } from "./clock.ts";
export type { RunUntilOptions, SimulatedClock, SimulatedClockOptions } from "./clock.ts";
export { simulate } from "./simulate.ts";
export type { SimulateOptions, Simulation } from "./simulate.ts";
export { faultyStore } from "./store.ts";
export type { Fault, FaultyStore, FaultyStoreOptions } from "./store.ts";

export { describeStore } from "../store/contract.ts";
export type { RowsUnderTest } from "../store/contract.ts";
export { describeExecutor } from "../executor/contract.ts";
export type { ContractAgent, ContractSkips } from "../executor/contract.ts";

// What the kit's own parts are made of: rows to crash upon, ports to adapt.
export { openMemory } from "../store/memory/open.ts";
export { MemoryRows } from "../store/memory/rows.ts";
export type { Store } from "../store/port.ts";
export type { RowStore } from "../store/rows.ts";
export type { Attempt, Executor, Outcome } from "../executor/port.ts";
export type { EngineParts } from "../engine/parts.ts";
