import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * When an attempt that another one followed arrived after all: WhatsApp charges for it then. Safe beside the version before, which does not
 * write it; a rebuild does.
 */
export class ArrivedAfterAll1764392000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table earlier_touch add column delivered_at timestamptz`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
