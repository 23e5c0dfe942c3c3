import { type Statement } from './statement';

/** How long a table keeps something, and the statement that lets go of it. */
export interface RetentionRule {
  /** What it is about, for progress and logs. */
  readonly name: string;
  /** `payload`: contents, which identify people. `log`: rows that prove what was done. `reports`: rows behind the figures of reports. */
  readonly keeps: 'payload' | 'log' | 'reports';
  /**
   * Some rows may not go yet when their time has come: a link that has not expired. So that they are looked at again, every look
   * begins with the oldest of all and not where the last one ended; what stays must be little.
   */
  readonly leavesSome?: true;
  /**
   * Lets go of at most `$3` rows from `$1` on and before `$2`, business time, the earliest first, and gives for each of them its time as
   * `at`. Stands on an index in the order of that time, or reads all that is left for every batch. Where it takes them in no order,
   * `at` is null, and the next batch begins where this one did.
   */
  readonly sql: Statement;
}
