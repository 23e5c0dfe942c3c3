import { type Instant, toIso } from '@wapas/kernel';
import { type Stamp } from './ledger';
import { type SandboxOptions } from './options';

export interface ClockSetting {
  readonly start: Instant;
  readonly rate: number;
  readonly anchor: number;
}

/** Business time for the ledger and for the vendors' own timestamps, so that a story played at speed reads as one story. */
export class SandboxClock {
  private constructor(private setting: ClockSetting | null) {}

  static from(options: SandboxOptions): SandboxClock {
    if (options.clockStart === undefined) return new SandboxClock(null);
    return new SandboxClock({ start: options.clockStart, rate: options.clockRate, anchor: options.clockAnchor ?? Date.now() });
  }

  set(setting: ClockSetting): void {
    this.setting = setting;
  }

  stamp(realMs: number): Stamp {
    return this.setting === null ? { at: realMs } : { at: realMs, businessAt: toIso(this.vendorTime(realMs) as Instant) };
  }

  /** What the vendor's clock shows at a real moment. */
  vendorTime(realMs: number): number {
    if (this.setting === null) return realMs;
    return Math.floor(this.setting.start + (realMs - this.setting.anchor) * this.setting.rate);
  }
}
