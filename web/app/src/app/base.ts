/**
 * Where the page lives. The server writes its base path into `<base href>`; everything else is relative to that.
 * The document is an argument so that tests can choose one.
 */
export interface Located {
  readonly baseURI: string;
}

/** The path that all routes and requests start with; ends with a slash. */
export function basePath(from: Located = document): string {
  return new URL('.', from.baseURI).pathname;
}

/** Absolute URL of a path relative to the base, such as `api/rooms/daily`. */
export function absolute(path: string, from: Located = document): string {
  return new URL(path, new URL('.', from.baseURI)).href;
}
