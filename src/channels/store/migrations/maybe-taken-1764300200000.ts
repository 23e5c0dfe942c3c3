import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What waits to be sent once more although a provider may have taken it counts against its person's caps meanwhile; there are a
 * handful of them at a time. Safe beside the version before, which does not ask for them.
 */
export class MaybeTaken1764300200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index message_maybe_taken on message (person_id) where state = 'retryable' and maybe_sent`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
