export { createHttpClient, isPublicUrl, LONGEST_CALL_MS, type HttpClientOptions } from './http-client';
