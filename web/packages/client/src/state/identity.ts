/** `value` with `changes`, or `value` itself when they change nothing. */
export function updated<T extends object>(value: T, changes: Partial<T>): T {
  const keys = Object.keys(changes) as (keyof T)[];
  return keys.every((key) => Object.is(value[key], changes[key])) ? value : { ...value, ...changes };
}

/** `next`, or `before` when both have the same elements in the same order. */
export function same<T>(before: readonly T[], next: readonly T[]): readonly T[] {
  return before.length === next.length && before.every((item, i) => item === next[i]) ? before : next;
}
