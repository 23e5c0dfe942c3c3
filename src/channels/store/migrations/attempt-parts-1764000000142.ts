import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * One call for each push token of a person: attempts of the same claim differ by `part`. Safe beside the previous version,
 * which writes part 0 only.
 */
export class AttemptParts1764000000142 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table attempt add column part int not null default 0`);
    await runner.query(`alter table attempt drop constraint attempt_pkey, add primary key (message_id, fence, part)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
