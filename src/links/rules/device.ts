/** Does this browser run on a phone, where a UPI app is at hand? A tablet that is taken for a desktop still has the other button. */
export function isPhone(userAgent: string | undefined): boolean {
  return /Android|iPhone|iPod|Mobile/i.test(userAgent ?? '');
}
