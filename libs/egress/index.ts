export { createHttpClient, LONGEST_CALL_MS, type HttpClientOptions } from './http-client';
