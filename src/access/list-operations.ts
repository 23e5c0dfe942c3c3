import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type OperationEntry } from './rules/operation';
import { operationAudit } from './store/operation-audit.store';

/** Entries in an answer at the most. */
export const SHOWN_OPERATIONS = 200;

/** Who stopped or held what, when and why. */
@Injectable()
export class ListOperations {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The latest entries, newest first; `at` in business time. */
  latest(): Promise<(OperationEntry & { readonly at: Date })[]> {
    return operationAudit.latest(this.database, SHOWN_OPERATIONS);
  }
}
