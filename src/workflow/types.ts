/**
 * The types of the builder: what a step receives follows from the handles in its `needs`, and nothing has to be
 * written twice. Values have the type they have after the store (`Stored`), because that is where they come from.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Agent } from "../agent/define.ts";
import type { Context } from "../agent/context.ts";
import type { Failure } from "../errors.ts";
import type { Json, JsonObject } from "../std/json.ts";
import type { WorkflowDefinition } from "./definition.ts";

/** What a value has become once it was written as JSON and read again: Date → string, void → null. */
export type Stored<T> = unknown extends T
  ? T
  : T extends Json
    ? T
    : T extends undefined | void
      ? null
      : T extends bigint | symbol | ((...args: never[]) => unknown)
        ? never
        : T extends { toJSON(): infer J }
          ? Stored<J>
          : T extends readonly unknown[]
            ? { [K in keyof T]: Stored<T[K]> }
            : T extends object
              ? { [K in keyof T as Exclude<K, symbol>]: StoredMember<T, K> }
              : never;

/** A member that is `undefined` is left out. */
type StoredMember<T, K extends keyof T> = undefined extends T[K]
  ? NoNeeds extends Pick<T, K>
    ? Stored<Exclude<T[K], undefined>>
    : Stored<Exclude<T[K], undefined>> | undefined
  : Stored<T[K]>;

/** `T`, but nothing is inferred through it: what a callback may return says nothing of what a step in it does. */
export type Known<T> = [T][T extends unknown ? 0 : never];

type Simplify<T> = { [K in keyof T]: T[K] };

declare const output: unique symbol;
declare const types: unique symbol;

/** A step of the workflow being built; `T` is what a step that needs it receives. */
export interface Handle<out T> {
  readonly id: string;
  /** What reverses the step's effects. Once per step; instead of the option `undo`. */
  undo(fn: (undo: UndoInput<unknown, Exclude<T, undefined>>, context: Context) => unknown): Handle<T>;
  readonly [output]?: T;
}

/** `output` is null when the outcome was never learnt: the undo must accept that there is nothing to undo. */
export interface UndoInput<In, Out> {
  readonly input: In;
  readonly output: Out | null;
  /** The idempotency key of the call to be undone. */
  readonly key: string;
}

export type Needs = Readonly<Record<string, Handle<unknown>>>;
export type NoNeeds = Readonly<Record<never, never>>;

export type JoinOption = "all" | "settled" | "any" | { readonly quorum: number };

/** A need under `join: "settled"`: how it ended. */
export type Settled<T> =
  | { readonly status: "completed"; readonly output: Exclude<T, undefined> }
  | { readonly status: "failed"; readonly error: Failure }
  | { readonly status: "skipped" | "cancelled"; readonly reason: string };

type ValueOf<H> = H extends Handle<infer T> ? T : never;

/** What the needs are to the step that joins them. */
export type NeedValues<N, J> = J extends "all"
  ? { readonly [K in keyof N]: ValueOf<N[K]> }
  : J extends "settled"
    ? { readonly [K in keyof N]: Settled<ValueOf<N[K]>> }
    : { readonly [K in keyof N]?: Exclude<ValueOf<N[K]>, undefined> };

/** The needs a scope passes in, hidden by own ones of the same name. */
export type Within<Outer, Own> = [keyof Outer] extends [never]
  ? Own
  : [keyof Own] extends [never]
    ? Outer
    : Simplify<Omit<Outer, keyof Own> & Own>;

/** What a function of the workflow sees. Also the input of a step that maps none (of it, `input` and `needs`). */
export interface View<In, Values> {
  /** The run's input. */
  readonly input: In;
  /** Outputs by the name they are needed under. */
  readonly needs: Values;
  /** Variables of the run. */
  readonly vars: JsonObject;
  readonly run: { readonly id: string; readonly tags: readonly string[]; readonly metadata: JsonObject };
}

/** The input of a step without an `input` mapping. */
export interface DefaultInput<In, Values> {
  readonly input: In;
  readonly needs: Values;
}

/** Marks an `input` mapping that was not given. */
export interface Unmapped {
  readonly [types]: "unmapped";
}

/** What the step's function or agent receives. */
export type Received<Mapped, Default> = [Mapped] extends [Unmapped] ? Default : Stored<Mapped>;

type MayBeMissing<T> = unknown extends T ? false : undefined extends T ? true : false;

/** Every need may have no value: then the dead path ends the step too, and so its output may be missing. */
export type DeadPath<N, J> = J extends "all"
  ? [keyof N] extends [never]
    ? false
    : false extends { [K in keyof N]: MayBeMissing<ValueOf<N[K]>> }[keyof N]
      ? false
      : true
  : false;

/** `O`, or with `undefined` where one of the conditions says that the step may be skipped. */
export type Skippable<O, Conditions> = true extends Conditions ? O | undefined : O;

/** What a callback may return: one handle, a record of them, or nothing (then: the steps nothing needs, by id). */
export type Outputs = Handle<unknown> | Readonly<Record<string, Handle<unknown>>> | void;

export type OutputsOf<R> =
  R extends Handle<infer T>
    ? NullWhenMissing<T>
    : R extends Readonly<Record<string, Handle<unknown>>>
      ? { readonly [K in keyof R]: ValueOf<R[K]> }
      : { readonly [id: string]: unknown };

/** A whole document cannot be missing. */
type NullWhenMissing<T> = T extends undefined ? null : T;

/** The output of a choose: which branch, and what came out of it. */
export type Chosen<R> = { readonly [K in keyof R]: { readonly branch: K; readonly output: OutputsOf<R[K]> } }[keyof R];

export type Schema<In = unknown, Out = In> = StandardSchemaV1<In, Out>;

/** What comes out of a step: what its schema makes of the result, or without one the result. */
export type Checked<S extends Schema, O> = [S] extends [never] ? O : StandardSchemaV1.InferOutput<S>;

/** A schema must accept the result as the store keeps it. A result of unknown type may be anything. */
export type Accepts<S extends Schema, O> = unknown extends O
  ? unknown
  : [Stored<O>] extends [StandardSchemaV1.InferInput<S>]
    ? unknown
    : { readonly [types]: ["this schema does not accept", Stored<O>] };

/** A function of the builder as the code table holds it. Its arguments are those of its role. */
export type CodeFunction = (...args: never[]) => unknown;

/**
 * A workflow: its definition as data, and what the data names: functions, schemas and agents. `In` is what callers
 * give, `Out` what a finished run answers.
 */
export interface Workflow<in In = never, out Out = unknown> {
  readonly definition: WorkflowDefinition;
  /** By name, `<step path>.<role>`. */
  readonly code: ReadonlyMap<string, CodeFunction>;
  /** `<step path>.output`; the run's input under `.input`. */
  readonly schemas: ReadonlyMap<string, Schema>;
  /** The agents it uses as values, each once. */
  readonly agents: readonly Agent[];
  readonly [types]?: (input: In) => Out;
}

/** What a caller gives to start the workflow. */
export type InputOf<W> = W extends Workflow<infer In, unknown> ? In : never;

/** What a finished run of the workflow answers. */
export type OutputOf<W> = W extends Workflow<never, infer Out> ? Out : never;
