/** A value that is here, or to come: hot paths pay for a promise only when there is one. */
export type Eventually<T> = T | PromiseLike<T>;

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** `fn` of the value, at once when it is here. */
export function andThen<A, B>(value: Eventually<A>, fn: (value: A) => Eventually<B>): Eventually<B> {
  return isPromise(value) ? value.then(fn) : fn(value);
}

/** What `make` gives, with whatever it throws or rejects with turned into a value. */
export function settled<A, B>(
  make: () => Eventually<A>,
  fine: (value: A) => B,
  wrong: (thrown: unknown) => B,
): Eventually<B> {
  try {
    const value = make();
    return isPromise(value) ? value.then(fine, wrong).then(undefined, wrong) : fine(value);
  } catch (thrown) {
    return wrong(thrown);
  }
}
