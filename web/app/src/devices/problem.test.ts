import { describe, expect, it } from 'vitest';
import { classifyDeviceError, classifyEnd, contextProblem } from './problem';

const dom = (name: string, message = '') => new DOMException(message, name);

describe('classifyDeviceError', () => {
  it.each([
    [dom('NotAllowedError', 'Permission denied'), 'denied', 'denied'],
    [dom('NotAllowedError', 'Permission dismissed'), 'unknown', 'dismissed'],
    [dom('NotAllowedError', 'Permission denied'), 'prompt', 'dismissed'],
    [dom('NotAllowedError', 'Permission denied by system'), 'granted', 'denied_by_system'],
    [dom('NotAllowedError'), 'unknown', 'denied'],
    [dom('SecurityError'), 'unknown', 'denied'],
    [dom('NotFoundError'), 'granted', 'missing'],
    [dom('NotReadableError'), 'granted', 'busy'],
    [dom('AbortError', 'Starting videoinput failed'), 'granted', 'busy'],
    [dom('OverconstrainedError'), 'granted', 'overconstrained'],
    [new TypeError('nothing asked for'), 'granted', 'failed'],
    ['text', 'granted', 'failed'],
  ] as const)('%s with permission %s is %s', (error, permission, problem) => {
    expect(classifyDeviceError(error, { permission, tookMs: 2_000 })).toBe(problem);
  });
});

it('knows that no question was shown when the answer came at once', () => {
  const error = dom('NotAllowedError', 'The request is not allowed');
  expect(classifyDeviceError(error, { permission: 'prompt', tookMs: 5 })).toBe('denied');
});

it('tells plain HTTP from an old browser', () => {
  expect(contextProblem({ mediaDevices: null, secure: false })).toBe('insecure');
  expect(contextProblem({ mediaDevices: null, secure: true })).toBe('unsupported');
  expect(contextProblem({ mediaDevices: {} as MediaDevices, secure: true })).toBeNull();
});

it.each([
  [true, 'granted', 'ended'],
  [false, 'granted', 'unplugged'],
  [true, 'denied', 'denied'],
  [false, 'denied', 'denied'],
  [true, 'unknown', 'ended'],
] as const)('a track that ended with its device listed: %s, permission: %s, is %s', (listed, permission, problem) => {
  expect(classifyEnd(listed, permission)).toBe(problem);
});
