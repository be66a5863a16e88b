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
