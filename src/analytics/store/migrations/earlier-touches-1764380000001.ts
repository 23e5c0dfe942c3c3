import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Attempts that a provider took and reported as failed, and that another one followed: what they cost is theirs. `touch` stands for the last
 * attempt of each message. Safe beside the version before: it neither reads nor writes this, and what it counts anew leaves them out.
 */
export class EarlierTouches1764380000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table earlier_touch (
        message_id uuid not null,
        fence      int not null,
        run_id     uuid not null,
        step       text not null,
        channel    text not null,
        provider   text not null,
        at         timestamptz not null,
        failed_at  timestamptz,
        category   text,
        billable   boolean,
        parts      smallint,
        primary key (message_id, fence)
      )`);
    await runner.query(`create index earlier_touch_of_run on earlier_touch (run_id)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
