/** A workflow that was written as a file. */
import type { WorkflowDefinition } from "../workflow/definition.ts";

export interface WorkflowFile {
  readonly definition: WorkflowDefinition;
  /** As it was named. */
  readonly file: string;
  /** Absolute: what the document's paths are relative to. */
  readonly folder: string;
}
