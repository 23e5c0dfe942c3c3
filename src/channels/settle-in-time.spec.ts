import { LONGEST_ASK_MS, settleInTime } from './settle-in-time';

describe('asking a provider', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());
  const silence = () => 'silence';

  it('waits for what it says, and leaves no timer behind', async () => {
    await expect(settleInTime(Promise.resolve('accepted'), silence)).resolves.toBe('accepted');
    await expect(settleInTime(Promise.reject(new Error('a bug')), silence)).rejects.toThrow('a bug');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not wait for ever, and is not hurt by what comes after', async () => {
    let tooLate = (_: Error): void => undefined;
    const asked = settleInTime(new Promise<string>((_, reject) => (tooLate = reject)), silence);
    await jest.advanceTimersByTimeAsync(LONGEST_ASK_MS);
    await expect(asked).resolves.toBe('silence');
    tooLate(new Error('nobody is listening'));
  });
});
