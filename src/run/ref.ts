/**
 * A value the heart carries and never opens: its JSON text when small, else the hash of a blob.
 * The text, not the object: nothing can change it afterwards, and it is written as it is.
 */
export type Ref = { readonly json: string } | { readonly hash: string; readonly size: number };

export const NULL_REF: Ref = { json: "null" };

/** Larger values are stored once by content hash (DESIGN 5.20). */
export const INLINE_BYTES = 64 * 1024;
