export { createClient } from './client.ts';
export type { Client, ClientOptions, InputOf } from './client.ts';
export type { Auth } from './credentials.ts';
export type { TypedDocument } from './document.ts';
export { ApiError, unwrap, UserInputFailure } from './error.ts';
export type { ApiErrorCode, UserError } from './error.ts';
export { Pages } from './pages.ts';
export type { CallOptions, ClientHooks, RetryOptions } from './transport.ts';
export type * from './operations.generated.ts';
