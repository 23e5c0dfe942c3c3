import { type ModeSetting } from './mode-book';
import { type PlannedReceipt } from './vendor';

/** What goes wrong with the reports about one message. A new trouble is one more line in the table. */
type ReceiptMode = (planned: readonly PlannedReceipt[], setting: ModeSetting) => readonly PlannedReceipt[];

const DOUBLE_AFTER_MS = 50;
const LATE_MS = 5_000;

const RECEIPT_MODES: Readonly<Record<string, ReceiptMode>> = {
  none: () => [],
  late: (planned, { delayMs = LATE_MS }) => planned.map((each) => ({ ...each, afterMs: each.afterMs + delayMs })),
  doubled: (planned) => planned.flatMap((each) => [each, { ...each, afterMs: each.afterMs + DOUBLE_AFTER_MS }]),
  reordered: (planned) => {
    const moments = planned.map(({ afterMs }) => afterMs).reverse();
    return planned.map((each, index) => ({ ...each, afterMs: moments[index] as number }));
  },
  // Accepted, then not delivered: what a 200 does not promise. `code` is the vendor's.
  failed: (planned, { code }) =>
    planned.map((each) =>
      each.kind === 'delivered' ? { ...each, kind: 'failed' as const, ...(code !== undefined && { code }) } : each,
    ),
};

export const receiptModes: readonly string[] = Object.keys(RECEIPT_MODES);

export function troubled(planned: readonly PlannedReceipt[], setting: ModeSetting | null): readonly PlannedReceipt[] {
  return setting === null ? planned : (RECEIPT_MODES[setting.mode]?.(planned, setting) ?? planned);
}
