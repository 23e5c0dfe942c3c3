import { junk } from './adversity';
import { refusedUrl, startVendorStub, type StubAnswer, type VendorStub } from './vendor-stub';

/** How the vendor is spoken to, and how it is played on loopback. */
export interface VendorLine {
  readonly isHttp: boolean;
  start(): Promise<VendorStub>;
  /** An address at which nobody listens. */
  refusedUrl(): Promise<string>;
  /** Answers that come once the message was handed over and prove nothing. */
  senseless(): readonly StubAnswer[];
  /** Answers to the health question that do not say that all is well. */
  unwell(): readonly StubAnswer[];
  /** What the vendor says to credentials that it does not know. */
  readonly denied: StubAnswer;
}

export const httpLine: VendorLine = {
  isHttp: true,
  start: startVendorStub,
  refusedUrl,
  senseless: () => [200, 500].flatMap((status) => junk().map((body) => ({ status, body }))),
  unwell: () => [200, 404, 500].flatMap((status) => junk().map((body) => ({ status, body }))),
  denied: { status: 401, body: '{}' },
};
