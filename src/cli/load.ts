/** Canonical JSON alone, until host/document.ts reads documents. */
import { dirname, resolve } from "node:path";
import type { WorkflowFile } from "../host/document.ts";
import { readText } from "../host/text.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";

export async function loadWorkflow(file: string): Promise<WorkflowFile> {
  const definition = JSON.parse(readText(resolve(file), 4_000_000)) as WorkflowDefinition;
  return { definition, file, folder: dirname(resolve(file)) };
}
