/** What one message, or one part of an SMS, costs. */
export interface Price {
  readonly currency: string;
  /** Thousandths of the currency's minor unit, before tax. */
  readonly milli: number;
  /** On top, in percent. */
  readonly gstPercent: number;
  /** The first day it holds, YYYY-MM-DD, and who says so. */
  readonly from: string;
  readonly source: string;
}

/** The dated rate tables, as whoever keeps them answers for one message. */
export abstract class Prices {
  /** Null: there is no rate for it. `category`: the vendor's; null: what the channel is assumed to send. */
  abstract of(message: {
    readonly channel: string;
    readonly provider: string | null;
    readonly category: string | null;
    /** Business day, YYYY-MM-DD. */
    readonly on: string;
  }): Promise<Price | null>;
}
