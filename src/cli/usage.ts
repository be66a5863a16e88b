/** A command that was not given as it must be: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** It names what is not there: exit code 5. */
export class NotThere extends Error {
  override name = "NotThere";
}

/** It would undo or repeat what is there: exit code 6. */
export class Conflict extends Error {
  override name = "Conflict";
}
