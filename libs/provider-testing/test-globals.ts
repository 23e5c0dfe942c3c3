/** What the kit needs of a test runner: Jest, Vitest, Mocha (`before` and `after`) and node:test all have it. */
export interface TestGlobals {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
  beforeAll(body: () => Promise<void>): unknown;
  afterAll(body: () => Promise<void>): unknown;
}
