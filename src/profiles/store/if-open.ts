import { SealError } from '@wapas/encryption';

/** Null when it is damaged, or its key is gone. */
export function ifOpen<Value>(open: () => Value): Value | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
