import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How many different people a vendor lets an account write to in a moving 24 hours, and the index that counts them. Only channels whose
 * vendor has such a limit pay for the index. Safe beside the version before, which knows neither.
 */
export class PeopleLimits1764360000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table people_limit (provider text primary key, most_people int, told_at timestamptz not null, since timestamptz not null)`,
    );
    await runner.query(
      `create index message_people on message (provider, called_at) include (person_id)
       where channel = 'whatsapp' and state in ('calling', 'sent', 'unknown')`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
