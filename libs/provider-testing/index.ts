export { type WebhookProof } from './adversity';
export { describeProvider } from './describe-provider';
export { readFixture, type AcceptedFixture, type AnswerFixture, type ErrorsFixture, type WebhooksFixture } from './fixtures';
export { type ProviderUnderTest } from './provider-bench';
export { smtpLine } from './smtp-line';
export { type TestGlobals } from './test-globals';
export { httpLine, type VendorLine } from './vendor-line';
export {
  refusedUrl,
  startVendorStub,
  type HttpVendorStub,
  type ReceivedRequest,
  type StubAnswer,
  type VendorStub,
} from './vendor-stub';
