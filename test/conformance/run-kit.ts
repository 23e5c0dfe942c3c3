import { type Content } from '@wapas/provider-kit';
import { describeProvider, type ProviderUnderTest } from '@wapas/provider-testing';

export interface KitResult {
  readonly passed: readonly string[];
  /** Title of a red test to what it said. */
  readonly failed: ReadonlyMap<string, string>;
}

/** Runs the conformance kit as a test runner would, and gives what was green and what was red. */
export async function runKit<Config, C extends Content>(subject: ProviderUnderTest<Config, C>): Promise<KitResult> {
  const tests: { name: string; body: () => Promise<void> }[] = [];
  const before: (() => Promise<void>)[] = [];
  const after: (() => Promise<void>)[] = [];
  describeProvider(subject, {
    describe: (_name, body) => body(),
    it: (name, body) => void tests.push({ name, body }),
    beforeAll: (body) => void before.push(body),
    afterAll: (body) => void after.push(body),
  });
  const passed: string[] = [];
  const failed = new Map<string, string>();
  for (const body of before) await body();
  for (const { name, body } of tests) {
    try {
      await body();
      passed.push(name);
    } catch (error) {
      failed.set(name, error instanceof Error ? error.message : String(error));
    }
  }
  for (const body of after) await body();
  return { passed, failed };
}
