import type { ErrorCode } from './types';

/** Why a call ended or an operation was refused. */
export class ClientError extends Error {
  override readonly name = 'ClientError';

  /**
   * @param code - stable name for programs
   * @param message - one sentence for logs; applications show their own words per code
   * @param retry - whether trying again by itself can help
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly retry = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
