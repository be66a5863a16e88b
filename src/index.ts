export { agent } from "./agent/define.ts";
export type { Agent, FunctionAgentOptions, ProcessAgentOptions } from "./agent/define.ts";
export type { AgentCard } from "./agent/card.ts";
export type { AgentSelector } from "./agent/match.ts";
export type { Context } from "./agent/context.ts";

export { workflow } from "./workflow/define.ts";
export { loadWorkflow } from "./host/document.ts";
export type { WorkflowFile } from "./host/document.ts";
export { conditional, fromPlainSteps, linear, parallel } from "./workflow/shapes.ts";
export { validate } from "./workflow/validate.ts";
export type { Problem } from "./workflow/problems.ts";
export type { Builder, ErrorChoice, ErrorContext, RetryOptions, TimeoutOptions } from "./workflow/builder.ts";
export type { Handle, InputOf, OutputOf, Settled, Stored, UndoInput, View, Workflow } from "./workflow/types.ts";
export type { Priority, RetryPolicy, Timeouts, WorkflowDefinition } from "./workflow/definition.ts";
export { DEFAULTS } from "./workflow/policy.ts";

export { createOrchestrator, getOrchestrator } from "./orchestrator.ts";
export type { Orchestrator } from "./orchestrator.ts";
export type { OrchestratorOptions } from "./options.ts";
export type { Runs, StartOptions } from "./facets/runs.ts";
export type { RunHandle } from "./facets/handle.ts";
export type { RunInfo, RunLine, StepInfo } from "./facets/view.ts";
export type { EventHandler, EventName } from "./facets/events.ts";
export type { TuttiEvent } from "./facets/event.ts";
export type { LogLine } from "./task/log.ts";
export type { CurrentStep, Progress } from "./run/progress.ts";
export type { EventType } from "./run/events.ts";
export type { InstanceStatus, RunStatus } from "./run/state.ts";

export { CATALOGUE, ERROR_KINDS, TaskError, TuttiError } from "./errors.ts";
export type { Disposition, ErrorCode, ErrorKind, Failure } from "./errors.ts";
export type { Clock } from "./std/clock.ts";
export type { Duration } from "./std/duration.ts";
export type { Json, JsonObject } from "./std/json.ts";
