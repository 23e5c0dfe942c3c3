import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * A message that a vendor reports as failed may be worth a further attempt: by another provider, once more, or in another wording of its
 * author's. `reopened` is the fence of the last attempt that was reported so; a failure of a later attempt is a further receipt. Safe
 * beside the version before: it takes part in none of this, and tells one failure of a message apart from none.
 */
export class FurtherAttempts1764360000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table message add column variant smallint not null default 0`);
    await runner.query(`alter table message add column had_once_more boolean not null default false`);
    await runner.query(`alter table message add column reopened int`);
    await runner.query(`alter table receipt add column attempt int not null default 0`);
    await runner.query(
      `create unique index receipt_once_each on receipt (message_id, kind, attempt) where message_id is not null`,
    );
    await runner.query(`drop index receipt_once`);
    await runner.query(`alter index receipt_once_each rename to receipt_once`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
